import { z } from 'zod';
import { PEOPLE } from '../../shared/access/viewer.ts';
import { CHANGE_NAMES } from '../../shared/changes/catalogue.ts';
import { createDirectory } from '../../shared/directory/directory.ts';
import { accountId, clientName, dates, day, doubles, organisationId, type Tell, tellDoubles } from './shapes.ts';

export const organisation = z.strictObject({
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

/** How often something may be asked. */
export const limits = {
  requestsPerSecond: z.int().positive(),
  burst: z.int().positive(),
};

export const client = z.strictObject({
  /** Names the app client, its usage plan and its key. */
  name: clientName,
  organisation: organisationId,
  scopes: z.array(scope).min(1),
  /** What this client may ask at most, where API keys are required. */
  plan: z.strictObject({ ...limits, requestsPerDay: z.int().positive() }).prefault({
    requestsPerSecond: 100,
    burst: 200,
    requestsPerDay: 2_000_000,
  }),
});

export const subscriber = z.strictObject({
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

/** Who the partners are, which systems of theirs may ask, and who hears of changes. */
export interface Partners {
  readonly region: string;
  readonly organisations: z.output<typeof organisation>[];
  readonly clients: z.output<typeof client>[];
  readonly subscribers: z.output<typeof subscriber>[];
}

/** Cognito, quotas: a resource server has at most 100 scopes, and an app client may be given at most 50. */
export const MAX_SCOPES = 100;
export const MAX_SCOPES_OF_CLIENT = 50;
/** One rule each: well within what EventBridge takes on one event bus (300). */
const MAX_SUBSCRIBERS = 100;

export function findPartnerContradictions(partners: Partners, tell: Tell): void {
  const known = new Set(partners.organisations.map(({ id }) => id));
  checkOrganisations(partners, known, tell);
  checkClients(partners, known, tell);
  checkSubscribers(partners, known, tell);
}

function checkOrganisations({ organisations }: Partners, known: ReadonlySet<string>, tell: Tell) {
  tellDoubles(
    tell,
    'organisations',
    'id',
    organisations.map(({ id }) => id),
  );
  for (const [index, { id, successors }] of organisations.entries()) {
    if (id === PEOPLE) tell(['organisations', index, 'id'], 'stands for people who look for themselves: no organisation has it');
    for (const [place, { organisation: successor }] of successors.entries())
      if (!known.has(successor))
        tell(['organisations', index, 'successors', place, 'organisation'], 'no organisation has this id');
  }
}

function checkClients({ clients }: Partners, known: ReadonlySet<string>, tell: Tell) {
  tellDoubles(
    tell,
    'clients',
    'name',
    clients.map(({ name }) => name),
  );
  for (const [index, { organisation: id, scopes }] of clients.entries()) {
    if (!known.has(id)) tell(['clients', index, 'organisation'], 'no organisation has this id');
    if (scopes.length > MAX_SCOPES_OF_CLIENT)
      tell(['clients', index, 'scopes'], `at most ${MAX_SCOPES_OF_CLIENT} for one client`);
  }
  if (new Set(clients.flatMap(({ scopes }) => scopes)).size > MAX_SCOPES)
    tell(['clients'], `more than ${MAX_SCOPES} different scopes`);
}

function checkSubscribers({ region, subscribers }: Partners, known: ReadonlySet<string>, tell: Tell) {
  for (const [index, at] of doubles(subscribers.map(({ organisation, queueArn }) => queueArn ?? organisation)))
    tell(['subscribers', index], `would hear everything twice: it is subscribers[${at}] again`);
  for (const [index, { organisation: id, queueArn }] of subscribers.entries()) {
    if (!known.has(id)) tell(['subscribers', index, 'organisation'], 'no organisation has this id');
    // EventBridge user guide, "Sending events to an AWS service in another account": in the same region.
    if (queueArn !== undefined && queueArn.split(':')[3] !== region)
      tell(['subscribers', index, 'queueArn'], `has to be in ${region}, as the bus is`);
  }
  if (subscribers.length > MAX_SUBSCRIBERS) tell(['subscribers'], `at most ${MAX_SUBSCRIBERS}`);
}

/** Says where successors lead in a circle. Asked last: other contradictions would be told again in other words. */
export function findCircles({ organisations }: Pick<Partners, 'organisations'>, tell: Tell): void {
  try {
    createDirectory(organisations);
  } catch (error) {
    tell(['organisations'], (error as Error).message);
  }
}
