import { patientNumbersOf } from '../demo/feed.ts';
import type { Settings } from '../settings.ts';
import { DEMO_PROVIDERS } from './demo-providers.ts';
import { DORSET_PARTNERS, MADE_UP_AGENCIES, MADE_UP_PRACTICES, NATIONAL, NEIGHBOURS } from './dorset.ts';

const READ_AND_WRITE = ['system/*.cruds'];
const READ = ['system/*.rs'];

/** Organisations with a client of their own that contributes. */
const CONTRIBUTORS: readonly string[] = [
  ...['dorset-ccg', 'dch', 'dhc', 'rbch', 'poole-hospital', 'swasft', 'dorset-county', 'poole', 'bournemouth'],
  ...['uhd', 'dorset-council', 'bcp'],
  ...[...MADE_UP_PRACTICES, ...MADE_UP_AGENCIES].map(({ id }) => id),
  ...['hhft', 'uhs', 'salisbury', 'somerset'],
];

/** The numbers by which an organisation knows its patients: the made-up population's, and one to try things out with. */
const patientSystemsOf = (organisation: string) => [patientNumbersOf(organisation), `https://${organisation}.example/mrn`];

/**
 * The made-up Dorset that everybody can run: real organisations with their public codes, practices and persons that do
 * not exist. The partners of 2015 that have merged since keep a client each, through which what they left behind is loaded.
 */
export const demo = {
  deployment: 'demo',
  organisations: [...DORSET_PARTNERS, ...MADE_UP_PRACTICES, ...MADE_UP_AGENCIES, ...NEIGHBOURS, ...NATIONAL],
  clients: [
    ...CONTRIBUTORS.map((organisation) => ({ name: organisation, organisation, scopes: READ_AND_WRITE })),
    { name: 'uhd-laboratory', organisation: 'uhd', source: 'laboratory', scopes: READ_AND_WRITE },
    { name: 'dorset-icb', organisation: 'dorset-icb', scopes: READ },
    { name: 'dorset-icb-referrals', organisation: 'dorset-icb', scopes: ['system/ServiceRequest.cruds', 'system/Patient.rs'] },
    { name: 'pds', organisation: 'pds', source: 'pds', scopes: ['system/Patient.cruds'] },
  ],
  sources: [
    ...CONTRIBUTORS.map((organisation) => ({ organisation, patientIdentifiers: patientSystemsOf(organisation) })),
    { organisation: 'uhd', name: 'laboratory', patientIdentifiers: patientSystemsOf('uhd') },
    { organisation: 'pds', name: 'pds', tracesNhsNumbers: true },
  ],
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
  recordsOffices: [
    ...['uhd', 'dch', 'dhc', 'swasft', 'dorset-council', 'bcp', 'hhft', 'dorset-icb'],
    ...MADE_UP_PRACTICES.map(({ id }) => id),
  ].map((organisation) => ({ organisation })),
  oversight: { lead: 'dorset-icb' },
} satisfies Settings;
