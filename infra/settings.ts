import { z } from 'zod';
import { CHANGE_NAMES } from '../shared/changes/catalogue.ts';
import { createDirectory, type Organisation } from '../shared/directory/directory.ts';
import { isOrganisationId } from '../shared/record/identity.ts';
import { demo } from './deployments/demo.ts';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2020-10-01');
const dates = { from: day.optional(), to: day.optional() };
const organisationId = z.string().refine(isOrganisationId, 'a slug of 2 to 20 characters such as uhd');
const accountId = z.string().regex(/^\d{12}$/, 'an AWS account id of 12 digits');

const organisation = z.strictObject({
  id: organisationId,
  kind: z.enum(['gp-practice', 'trust', 'ambulance', 'council', 'icb', 'other']),
  names: z.array(z.strictObject({ value: z.string().min(1), ...dates })).min(1),
  codes: z.array(z.strictObject({ value: z.strictObject({ system: z.url(), value: z.string().min(1) }), ...dates })),
  successors: z.array(z.strictObject({ organisation: organisationId, on: day })),
});

/** SMART App Launch 2.0, section 3.1: system scopes, their letters in this order. */
const scope = z
  .string()
  .regex(
    /^system\/(\*|[A-Z][A-Za-z]+)\.(?=.)c?r?u?d?s?$/,
    'a SMART v2 system scope such as system/*.cruds or system/Observation.rs',
  );

const limits = {
  requestsPerSecond: z.int().positive(),
  burst: z.int().positive(),
};

const client = z.strictObject({
  /** Names the app client, its usage plan and its key. */
  name: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'a slug of 2 to 40 characters'),
  organisation: organisationId,
  scopes: z.array(scope).min(1),
  /** What this client may ask at most, where API keys are required. */
  plan: z.strictObject({ ...limits, requestsPerDay: z.int().positive() }).prefault({
    requestsPerSecond: 100,
    burst: 200,
    requestsPerDay: 2_000_000,
  }),
});

const subscriber = z.strictObject({
  organisation: organisationId,
  /** A queue of the organisation's own; left out, one is made for it here. */
  queueArn: z
    .string()
    .regex(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/, 'the ARN of a standard SQS queue')
    .optional(),
  /** The AWS account whose systems may collect from the queue made here; left out, this one. */
  account: accountId.optional(),
  /** Which changes it wants to hear of; left out, all. */
  changes: z.array(z.enum(CHANGE_NAMES)).min(1).optional(),
});

const privacyOffice = z.strictObject({
  organisation: organisationId,
  /** Told by e-mail too: that there is a task, and nothing of whom it is about. */
  email: z.email().optional(),
});

const schema = z
  .strictObject({
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
    subscribers: z.array(subscriber).default([]),
    /** Who is told when staff let themselves in, and when the review of the audit finds something. */
    privacyOffices: z.array(privacyOffice).default([]),
    oversight: z.strictObject({
      /** Its privacy officers see the tasks of all organisations. */
      lead: organisationId,
    }),
  })
  .superRefine(findContradictions);

/** A deployment as it is written down: what has a default may be left out. */
export type Settings = Omit<z.input<typeof schema>, 'organisations'> & { readonly organisations: readonly Organisation[] };
/** A deployment, checked and complete. */
export type CheckedSettings = z.output<typeof schema>;
export type ClientSettings = CheckedSettings['clients'][number];
export type SubscriberSettings = CheckedSettings['subscribers'][number];
export type PrivacyOfficeSettings = CheckedSettings['privacyOffices'][number];

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

interface Relations {
  readonly region: string;
  readonly organisations: z.output<typeof organisation>[];
  readonly clients: z.output<typeof client>[];
  readonly subscribers: z.output<typeof subscriber>[];
  readonly privacyOffices: z.output<typeof privacyOffice>[];
  readonly oversight: { readonly lead: string };
}

/** Cognito, quotas: a resource server has at most 100 scopes, and an app client may be given at most 50. */
const MAX_SCOPES = 100;
const MAX_SCOPES_OF_CLIENT = 50;
/** One rule each: well within what EventBridge takes on one event bus (300). */
const MAX_SUBSCRIBERS = 100;

function findContradictions(relations: Relations, context: z.RefinementCtx) {
  const { region, organisations, clients, subscribers } = relations;
  const tell = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
  const known = new Set(organisations.map(({ id }) => id));

  for (const [index, at] of doubles(organisations.map(({ id }) => id)))
    tell(['organisations', index, 'id'], `is also that of organisations[${at}]`);
  for (const [index, at] of doubles(clients.map(({ name }) => name)))
    tell(['clients', index, 'name'], `is also that of clients[${at}]`);
  for (const [index, at] of doubles(subscribers.map(({ organisation, queueArn }) => queueArn ?? organisation)))
    tell(['subscribers', index], `would hear everything twice: it is subscribers[${at}] again`);

  for (const [index, { successors }] of organisations.entries())
    for (const [place, { organisation: id }] of successors.entries())
      if (!known.has(id)) tell(['organisations', index, 'successors', place, 'organisation'], 'no organisation has this id');
  for (const [index, { organisation: id, scopes }] of clients.entries()) {
    if (!known.has(id)) tell(['clients', index, 'organisation'], 'no organisation has this id');
    if (scopes.length > MAX_SCOPES_OF_CLIENT)
      tell(['clients', index, 'scopes'], `at most ${MAX_SCOPES_OF_CLIENT} for one client`);
  }
  for (const [index, { organisation: id, queueArn }] of subscribers.entries()) {
    if (!known.has(id)) tell(['subscribers', index, 'organisation'], 'no organisation has this id');
    // EventBridge user guide, "Sending events to an AWS service in another account": in the same region.
    if (queueArn !== undefined && queueArn.split(':')[3] !== region)
      tell(['subscribers', index, 'queueArn'], `has to be in ${region}, as the bus is`);
  }

  findStrayOffices(relations, known, tell);

  if (new Set(clients.flatMap(({ scopes }) => scopes)).size > MAX_SCOPES)
    tell(['clients'], `more than ${MAX_SCOPES} different scopes`);
  if (subscribers.length > MAX_SUBSCRIBERS) tell(['subscribers'], `at most ${MAX_SUBSCRIBERS}`);
  if (context.issues.length === 0) findCircles(organisations, (message) => tell(['organisations'], message));
}

function findStrayOffices(
  { privacyOffices, oversight }: Relations,
  known: ReadonlySet<string>,
  tell: (path: PropertyKey[], message: string) => void,
) {
  if (!known.has(oversight.lead)) tell(['oversight', 'lead'], 'no organisation has this id');
  for (const [index, { organisation: id }] of privacyOffices.entries())
    if (!known.has(id)) tell(['privacyOffices', index, 'organisation'], 'no organisation has this id');
  for (const [index, at] of doubles(privacyOffices.map(({ organisation: id }) => id)))
    tell(['privacyOffices', index, 'organisation'], `is also that of privacyOffices[${at}]`);
}

function findCircles(organisations: Relations['organisations'], tell: (message: string) => void) {
  try {
    createDirectory(organisations);
  } catch (error) {
    tell((error as Error).message);
  }
}

/** Index of each value that was there before, with where it was first. */
function doubles(values: readonly string[]): [index: number, first: number][] {
  return values.map((value, index): [number, number] => [index, values.indexOf(value)]).filter(([index, first]) => first < index);
}

/** The name of the queue that a deployment makes for a subscriber. */
export const subscriberQueueName = ({ deployment }: Pick<CheckedSettings, 'deployment'>, organisation: string): string =>
  `chesil-${deployment}-${organisation}`;
