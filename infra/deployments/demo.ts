import type { Settings } from '../settings.ts';
import { DEMO_PROVIDERS } from './demo-providers.ts';
import { DORSET_PARTNERS, MADE_UP_AGENCIES, MADE_UP_PRACTICES, NEIGHBOURS } from './dorset.ts';

const READ_AND_WRITE = ['system/*.cruds'];
const READ = ['system/*.rs'];

/**
 * The made-up Dorset that everybody can run: real organisations with their public codes, practices and persons that do
 * not exist. The partners of 2015 that have merged since keep a client each, through which what they left behind is loaded.
 */
export const demo = {
  deployment: 'demo',
  organisations: [...DORSET_PARTNERS, ...MADE_UP_PRACTICES, ...MADE_UP_AGENCIES, ...NEIGHBOURS],
  clients: [
    ...['dorset-ccg', 'dch', 'dhc', 'rbch', 'poole-hospital', 'swasft', 'dorset-county', 'poole', 'bournemouth'],
    ...['uhd', 'dorset-council', 'bcp'],
    ...[...MADE_UP_PRACTICES, ...MADE_UP_AGENCIES].map(({ id }) => id),
  ]
    .map((organisation) => ({ name: organisation, organisation, scopes: READ_AND_WRITE }))
    .concat([
      { name: 'dorset-icb', organisation: 'dorset-icb', scopes: READ },
      { name: 'dorset-icb-referrals', organisation: 'dorset-icb', scopes: ['system/ServiceRequest.cruds', 'system/Patient.rs'] },
      ...['hhft', 'uhs', 'salisbury', 'somerset'].map((organisation) => ({
        name: organisation,
        organisation,
        scopes: READ_AND_WRITE,
      })),
    ]),
  // Each may have itself posted to on this machine, so that a partner can try it.
  subscribers: [
    ...['uhd', 'dch', 'dhc', 'swasft', 'dorset-council', 'bcp', 'ammonite', 'hhft'].map((organisation) => ({ organisation })),
    ...MADE_UP_AGENCIES.map(({ id }) => ({ organisation: id, queue: false })),
  ].map((subscriber) => ({ ...subscriber, hosts: ['http://127.0.0.1:*', 'http://localhost:*'] })),
  // A day: whoever tries it out sends when they like.
  feeds: ['uhd', 'dch', 'dhc', 'swasft', 'dorset-council', 'bcp', 'ammonite'].map((organisation) => ({
    organisation,
    everyMinutes: 1_440,
  })),
  providers: DEMO_PROVIDERS,
  apps: [
    {
      // `npm run sample-app`: staff and people sign in to it on this machine.
      name: 'sample-app',
      redirectUris: ['http://localhost:3999/'],
      logoutUris: ['http://localhost:3999/'],
      scopes: ['openid', 'user/*.rs', 'patient/*.rs', 'user/Observation.rs?category=vital-signs'],
    },
  ],
  privacyOffices: ['uhd', 'dch', 'dhc', 'swasft', 'dorset-council', 'bcp', 'hhft', 'dorset-icb'].map((organisation) => ({
    organisation,
  })),
  oversight: { lead: 'dorset-icb' },
} satisfies Settings;
