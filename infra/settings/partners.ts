import { z } from 'zod';
import { PEOPLE } from '../../shared/access/viewer.ts';
import { createDirectory } from '../../shared/directory/directory.ts';
import { DEFAULT_SOURCE } from '../../shared/record/source-names.ts';
import { clientName, dates, day, organisationId, type Tell, tellDoubles } from './shapes.ts';
import { sourceName } from './sources.ts';

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
  /** Which system of the organisation it is: what it calls its resources is apart from what the others call theirs. */
  source: sourceName.default(DEFAULT_SOURCE),
  scopes: z.array(scope).min(1),
  /** What this client may ask at most, where API keys are required. */
  plan: z.strictObject({ ...limits, requestsPerDay: z.int().positive() }).prefault({
    requestsPerSecond: 100,
    burst: 200,
    requestsPerDay: 2_000_000,
  }),
});

/** Who the partners are, and which systems of theirs may ask. */
export interface Partners {
  readonly organisations: z.output<typeof organisation>[];
  readonly clients: z.output<typeof client>[];
}

/** Cognito, quotas: a resource server has at most 100 scopes, and an app client may be given at most 50. */
export const MAX_SCOPES = 100;
export const MAX_SCOPES_OF_CLIENT = 50;

export function findPartnerContradictions(partners: Partners, tell: Tell): void {
  const known = new Set(partners.organisations.map(({ id }) => id));
  checkOrganisations(partners, known, tell);
  checkClients(partners, known, tell);
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

/** Says where successors lead in a circle. Asked last: other contradictions would be told again in other words. */
export function findCircles({ organisations }: Pick<Partners, 'organisations'>, tell: Tell): void {
  try {
    createDirectory(organisations);
  } catch (error) {
    tell(['organisations'], (error as Error).message);
  }
}
