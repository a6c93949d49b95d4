import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { JustifyDependencies } from '../../../functions/justify/context.ts';
import { createRoutes } from '../../../functions/justify/routes.ts';
import { DORSET_PARTNERS, MADE_UP_PRACTICES, NEIGHBOURS } from '../../../infra/deployments/dorset.ts';
import { createAccess } from '../../../shared/access/access.ts';
import { newAccessId } from '../../../shared/access/access-id.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { ROLES } from '../../../shared/access/roles.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { createDirectory, type Directory } from '../../../shared/directory/directory.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { answerOf } from '../../../shared/lambda/api.ts';
import type { RefusedCaller } from '../../../shared/lambda/http.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { draftContribution } from '../../../shared/record/draft.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { createAudit } from '../../../shared/store/audit.ts';
import { createKnownPersons } from '../../../shared/store/known-persons.ts';
import { createGrants } from '../../../shared/store/oversight/grants.ts';
import { createStaffRegister } from '../../../shared/store/oversight/staff-register.ts';
import { createTasks } from '../../../shared/store/oversight/tasks.ts';
import { createWatchList } from '../../../shared/store/oversight/watch-list.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { startEngine } from '../../engine.ts';
import { partnershipOf } from '../../partnership.ts';
import { draftOf } from '../record/histories.ts';

export const directory = createDirectory([...DORSET_PARTNERS, ...MADE_UP_PRACTICES, ...NEIGHBOURS]);

/** The real policies, among these organisations. */
export const accessAmong = (organisations: Directory) =>
  createAccess(
    loadPolicies(readPolicies(resolve(import.meta.dirname, '../../../shared/access/policies'))),
    partnershipOf(organisations),
  );

const staff = (id: string, role: Viewer['role'], organisation: string): Viewer => ({
  organisation,
  client: 'portal',
  role,
  purpose: ROLES[role].purposes[0],
  staff: id,
  name: `Somebody ${id.split('|')[1]}`,
  provider: id.split('|')[0]!,
  assurance: 'high',
});

export const NURSE = staff('hampshire|nurse', 'clinician', 'hhft');
export const CLERK = staff('dorset|clerk', 'clerical', 'uhd');
export const OFFICER = staff('hampshire|officer', 'privacy-officer', 'hhft');
export const OTHER_OFFICER = staff('dorset|officer', 'privacy-officer', 'uhd');
export const RECORDS_OFFICER = staff('hampshire|records', 'records-officer', 'hhft');
export const LEAD_OFFICER = staff('dorset|lead', 'privacy-officer', 'dorset-icb');

export interface Asked {
  readonly viewer?: Viewer;
  readonly body?: unknown;
  readonly requestId?: string;
  readonly scopes?: readonly string[];
  /** Somebody who is known and turned away, in place of a caller. */
  readonly refused?: RefusedCaller;
}

/** `Parameters` of an operation: texts and numbers by name. */
export const parameters = (values: Readonly<Record<string, string | number>>) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).map(([name, value]) =>
    typeof value === 'string' ? { name, valueString: value } : { name, valueDecimal: value },
  ),
});

/** The routes of `justify` on a real engine, with a clock that tests set. */
export async function createWorld() {
  const engine = await startEngine();
  const oversight = { client: engine.client, table: engine.oversightTable };
  const identity = createIdentity(randomBytes(32));
  const store = createRecordStore({ client: engine.client, table: engine.recordTable });
  const grants = createGrants(oversight);
  const clock = { now: new Date('2026-11-24T10:00:00.000Z') };
  const dependencies: JustifyDependencies = {
    grants,
    persons: createKnownPersons({ client: engine.client, table: engine.recordTable }),
    identity,
    tasks: createTasks(oversight),
    watchList: createWatchList(oversight),
    staffRegister: createStaffRegister(oversight),
    audit: createAudit({ client: engine.client, table: engine.auditTable }),
    access: accessAmong(directory),
    lead: 'dorset-icb',
    log: createLog(new Logger({ logLevel: 'SILENT' })),
    entryId: newAccessId,
    now: () => clock.now,
  };
  return {
    engine,
    clock,
    dependencies,
    identity,
    grants,
    /** Contributes something about a person, so that there is a record. */
    record: async (person: string) => {
      await store.contribute([person], (folds, now) => {
        const submission = { contributor: 'uhd', client: 'uhd-epr', source: 'main', requestId: randomUUID() };
        const draft = draftContribution(folds.get(person)!, submission, [draftOf('a'.repeat(16), 'anything')], now);
        if ('problems' in draft) throw new Error('the draft has problems');
        return { result: 'written', contributions: [draft.contribution!] };
      });
    },
    /** POSTs to an operation, as the function is asked. */
    ask: async (path: string, asked: Asked = {}, changed: Partial<JustifyDependencies> = {}) => {
      const { viewer = NURSE, body, requestId = randomUUID(), scopes = ['user/*.rs', 'system/*.rs', 'patient/*.rs'] } = asked;
      const answer = await createRoutes({ ...dependencies, ...changed })({
        method: 'POST',
        path: path.split('/'),
        query: [],
        headers: {},
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
        ...(asked.refused === undefined
          ? { caller: { ...viewer, source: 'main', scopes } }
          : { caller: undefined, refused: asked.refused }),
        requestId,
        correlationId: undefined,
        fhirUrl: 'https://chesil.example/fhir/R4',
      });
      const { status, body: text = '{}' } = isRefusal(answer) ? answerOf(answer) : answer;
      const json = JSON.parse(text);
      const values = Object.fromEntries(
        (json.parameter ?? []).map(({ name, ...value }: { name: string }) => [name, Object.values(value)[0]]),
      );
      return { status, code: json.issue?.[0].details.coding[0].code as string | undefined, json, values };
    },
    /** What the audit says of a person, in the order in which it happened. */
    noted: async (person: string) => {
      const { Items = [] } = await engine.client.send(
        new QueryCommand({
          TableName: engine.auditTable,
          KeyConditionExpression: 'person = :person',
          ExpressionAttributeValues: { ':person': { S: person } },
        }),
      );
      return Items.map(({ interaction, outcome, staff: who, grants }) => ({
        interaction: interaction?.S,
        outcome: outcome?.S,
        staff: who?.S,
        grants: grants?.L?.map(({ S }) => S),
      }));
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
