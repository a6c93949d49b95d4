import { z } from 'zod';
import type { Office } from '../shared/access/review/task-kinds.ts';
import type { Organisation } from '../shared/directory/directory.ts';
import type { Provider } from '../shared/directory/providers.ts';
import type { Channels } from '../shared/signals/channels.ts';
import { demo } from './deployments/demo.ts';
import { app, findAppContradictions } from './settings/apps.ts';
import { assertions } from './settings/assertions.ts';
import { findOversightContradictions, office, oversight } from './settings/oversight.ts';
import { client, findCircles, findPartnerContradictions, limits, organisation } from './settings/partners.ts';
import { findProviderContradictions, provider } from './settings/providers.ts';
import { accountId, type Tell } from './settings/shapes.ts';
import { feed, findSignalContradictions, mostRules, subscriber } from './settings/signals.ts';
import { findSourceContradictions, source } from './settings/sources.ts';

const shape = z.strictObject({
  /** Names the stacks, the parameters and the source of events. */
  deployment: z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, 'a slug of 2 to 20 characters'),
  /** Where it is deployed; left out, the account of whoever deploys. Records of NHS patients stay in eu-west-2. */
  account: accountId.optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}-[a-z]+-\d$/, 'an AWS region')
    .default('eu-west-2'),
  /** Prefix of the address of the token endpoint, unique in the region; left out, `chesil-<deployment>`. */
  tokenDomain: z
    .string()
    .regex(/^[a-z0-9-]{3,63}$/, 'lower-case letters, digits and dashes')
    .optional(),
  /** Who is told of alarms. */
  alarmEmail: z.email().optional(),
  /** Whether each request must bear the client's API key beside its token, so that its plan counts. */
  requireApiKey: z.boolean().default(false),
  /** What the API as a whole takes. */
  throttle: z.strictObject(limits).prefault({ requestsPerSecond: 2_000, burst: 4_000 }),
  /** What the firewall lets one token, or one address without a token, ask in five minutes. */
  firewall: z
    .strictObject({ requestsPerToken: z.int().min(10), requestsPerAddress: z.int().min(10) })
    .prefault({ requestsPerToken: 60_000, requestsPerAddress: 120_000 }),
  /** How long logs are kept, and how long events can be replayed. */
  logRetentionDays: z.union([z.literal(30), z.literal(90), z.literal(180), z.literal(365), z.literal(731)]).default(365),
  eventArchiveDays: z.int().positive().default(30),
  organisations: z.array(organisation).min(1),
  clients: z.array(client).min(1),
  /** The systems of organisations, where something is to be said of them. */
  sources: z.array(source).default([]),
  assertions,
  /** Where organisations may have themselves told of changes. */
  subscribers: z.array(subscriber).default([]),
  /** Whose silence is watched. */
  feeds: z.array(feed).default([]),
  /** How many rules AWS lets the bus have. Each subscription is one. */
  mostRules,
  /** Who vouches for people who sign in, and what they say of them. */
  providers: z.array(provider).default([]),
  /** What people sign in to. */
  apps: z.array(app).default([]),
  /** Who is told when staff let themselves in, and when the review of the audit finds something. */
  privacyOffices: z.array(office).default([]),
  /** Who is asked when it is in doubt whose record something belongs to, or whose statement counts. */
  recordsOffices: z.array(office).default([]),
  oversight,
});

const schema = shape.superRefine(findContradictions);

/** A deployment as it is written down: what has a default may be left out. */
export type Settings = Omit<z.input<typeof schema>, 'organisations' | 'providers'> & {
  readonly organisations: readonly Organisation[];
  readonly providers?: readonly Provider[];
};
/** A deployment, checked and complete. */
export type CheckedSettings = z.output<typeof schema>;
export type ClientSettings = CheckedSettings['clients'][number];
export type SubscriberSettings = CheckedSettings['subscribers'][number];
export type OfficeSettings = CheckedSettings['privacyOffices'][number];
export { type AppSettings, providersOf } from './settings/apps.ts';

/** Every deployment, by name: `cdk synth -c deployment=<name>`. */
const DEPLOYMENTS: Readonly<Record<string, Settings>> = { demo };

export const DEPLOYMENT_NAMES: readonly string[] = Object.keys(DEPLOYMENTS);

/** @throws Error as `checkSettings`, or when there is no such deployment. */
export function loadSettings(deployment: string): CheckedSettings {
  const settings = Object.hasOwn(DEPLOYMENTS, deployment) ? DEPLOYMENTS[deployment] : undefined;
  if (settings === undefined)
    throw new Error(`there is no deployment "${deployment}"; infra/settings.ts names: ${DEPLOYMENT_NAMES.join(', ')}`);
  return checkSettings(settings);
}

/** @throws Error with a line for each problem: the path of the setting, and what it should be. */
export function checkSettings(settings: unknown): CheckedSettings {
  const checked = schema.safeParse(settings);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) => `  ${pathOf(path)}: ${message}`);
  throw new Error(`the settings cannot be used:\n${problems.join('\n')}`);
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => text + (typeof step === 'number' ? `[${step}]` : `${text && '.'}${String(step)}`), '') ||
  '(all)';

function findContradictions(settings: z.output<typeof shape>, context: z.RefinementCtx) {
  const tell: Tell = (path, message) => context.addIssue({ code: 'custom', path, message });
  findPartnerContradictions(settings, tell);
  findSourceContradictions(settings, tell);
  findSignalContradictions(settings, tell);
  findProviderContradictions(settings, tell);
  findAppContradictions(settings, tell);
  findOversightContradictions(settings, tell);
  if (context.issues.length === 0) findCircles(settings, tell);
}

/** The name of the bus of a deployment. */
export const eventBusName = ({ deployment }: Pick<CheckedSettings, 'deployment'>): string => `chesil-${deployment}`;

/** The name of the queue that a deployment makes for a subscriber, or for an office. */
export const subscriberQueueName = ({ deployment }: Pick<CheckedSettings, 'deployment'>, name: string): string =>
  `chesil-${deployment}-${name}`;

/** What the queue of an office of an organisation is called, where it is told of its tasks. */
export const officeQueueName = (settings: Pick<CheckedSettings, 'deployment'>, organisation: string, office: Office): string =>
  subscriberQueueName(settings, officeName(organisation, office));

/** What an office of an organisation is called. */
export const officeName = (organisation: string, office: Office): string => `${organisation}-${office}`;

/** The offices of a deployment, of one kind; the organisation that leads oversight has one in any case. */
export function officesOf(
  { privacyOffices, recordsOffices, oversight }: CheckedSettings,
  office: Office,
): readonly OfficeSettings[] {
  const offices = office === 'privacy' ? privacyOffices : recordsOffices;
  const isThere = offices.some(({ organisation }) => organisation === oversight.lead);
  return isThere ? offices : [...offices, { organisation: oversight.lead }];
}

/** All that subscriptions may name as their endpoint: `channels.json`. Queues made here go by name, for the account is not known yet. */
export const channelsOf = (settings: Pick<CheckedSettings, 'deployment' | 'subscribers'>): readonly Channels[] =>
  settings.subscribers.map(({ organisation, queue, queueArns, busArns, hosts }) => ({
    organisation,
    queueNames: queue ? [subscriberQueueName(settings, organisation)] : [],
    queueArns,
    busArns,
    hosts,
  }));
