import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createHandler } from '../../../functions/announce/announce.ts';
import { createHistory } from '../../../functions/announce/history.ts';
import { createOpenWaitingGrants } from '../../../functions/announce/open-waiting-grants.ts';
import { createRaiseQuestions } from '../../../functions/announce/raise-questions.ts';
import { createSteps } from '../../../functions/announce/steps.ts';
import { DORSET_PARTNERS, MADE_UP_PRACTICES } from '../../../infra/deployments/dorset.ts';
import { type Access, createAccess } from '../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { createPublisher } from '../../../shared/bus/publish.ts';
import { type ChangeEvent, placeAt } from '../../../shared/changes/envelope.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import type { Question } from '../../../shared/record/contribution.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { linkContributions } from '../../../shared/record/linking.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';
import { createGrants } from '../../../shared/store/oversight/grants.ts';
import { createTasks } from '../../../shared/store/oversight/tasks.ts';
import { createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { partnershipOf } from '../../partnership.ts';
import { type FailingBus, startFailingBus } from './failing-bus.ts';

/** The function with the real store, policies and publisher, in front of a bus that can fail. All organisations are Dorset's. */

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

const directory = createDirectory([...DORSET_PARTNERS, ...MADE_UP_PRACTICES]);

export const access: Access = createAccess(
  loadPolicies(readPolicies(fileURLToPath(new URL('../../../shared/access/policies', import.meta.url)))),
  partnershipOf(directory),
);

export const observation = (fragmentId: string, told: Partial<FragmentDraft> & { text?: string } = {}): FragmentDraft => {
  const { text = 'first', ...rest } = told;
  return {
    fragmentId: fragmentId.padEnd(16, 'a'),
    type: 'Observation',
    content: { meta: {}, rest: JSON.stringify({ status: 'final', valueString: text }) },
    section: 'findings',
    codes: [],
    labels: [],
    ...rest,
  };
};

export const patient = (practice: string, told: Partial<FragmentDraft> = {}): FragmentDraft =>
  observation('p', { type: 'Patient', section: 'demographics', codes: [`${ODS}|${practice}`], text: practice, ...told });

/** A fragment that says something about who may see the record. */
export const giving = (
  fragmentId: string,
  ground: NonNullable<FragmentDraft['grounds']>[number],
  text = ground.kind,
): FragmentDraft => observation(fragmentId, { section: 'administration', grounds: [ground], text });

export const retraction = ({ content, ...draft }: FragmentDraft): FragmentDraft => draft;

export const versionNames = createVersionNames(Buffer.alloc(32, 8));

const newPerson = (): string => createIdentity(randomBytes(32)).person({ system: 'urn:local', value: '1' }, 'uhd');

export type Announcing = Awaited<ReturnType<typeof startAnnouncing>>;

/** Starts the engine, with a store that counts what it asks of the table. */
export async function startAnnouncing() {
  const engine: Engine = await startEngine();
  const store: RecordStore = createRecordStore({ client: engine.client, table: engine.recordTable });
  const oversight = { client: engine.client, table: engine.oversightTable };
  const tasks = { ...createTasks(oversight) };
  const grants = createGrants(oversight);
  const lines: string[] = [];
  const keep = (message: string, fields: object) => void lines.push(JSON.stringify({ message, ...fields }));
  const log = createLog({ info: keep, warn: keep, error: keep } as never);
  let bus: FailingBus = await startFailingBus();
  const numbers = new Map<string, number>();

  return {
    store,
    tasks,
    grants,
    engine,
    lines,
    newPerson,
    bus: () => bus,
    /** A bus that has heard nothing yet. */
    async renew() {
      await bus.stop();
      bus = await startFailingBus();
      lines.length = 0;
    },
    /** A function that has just started; `msLeft` of its time are left. */
    announcer(msLeft = 60_000, now = () => new Date(), own: RecordStore = store) {
      const publish = createPublisher({ client: bus.client, log, now: Date.now, random: () => 0, sleep: async () => {} });
      const origin = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
      const parts = {
        steps: createSteps(own),
        history: createHistory(own),
        raiseQuestions: createRaiseQuestions({ tasks: tasks, store, access, directory }),
        openWaitingGrants: createOpenWaitingGrants(grants),
        access,
        directory,
        publish,
        versionNames: async () => versionNames,
        origin,
        bus: 'test',
        log,
        now,
      };
      const handler = createHandler(parts);
      return (records: readonly DynamoDBRecord[]) =>
        handler({ Records: [...records] }, { getRemainingTimeInMillis: () => msLeft });
    },
    async contribute(
      subject: string,
      contributor: string,
      drafts: readonly FragmentDraft[],
      on?: string,
      questions?: readonly Question[],
    ) {
      await store.contribute([subject], (folds, now) => {
        const submission = { contributor, client: contributor, source: 'main', requestId: 'r' };
        const drafted = draftContribution(folds.get(subject)!, submission, drafts, on ?? now);
        if ('problems' in drafted) throw new Error('the draft has problems', { cause: drafted.problems });
        const asking = questions === undefined ? {} : { questions };
        return { result: true, contributions: drafted.contribution ? [{ ...drafted.contribution, ...asking }] : [] };
      });
    },
    async link(kind: 'link' | 'unlink', persons: readonly [string, string], contributor = 'uhd') {
      await store.contribute(persons, (folds, now) => ({
        result: true,
        contributions: linkContributions(
          folds,
          { contributor, client: contributor, source: 'main', requestId: 'r' },
          { kind, persons, survivor: persons[0] },
          now,
        ),
      }));
    },
    /** Which contribution of what was streamed an event is of. */
    numberOf: ({ subject, sequence }: ChangeEvent) => numbers.get(`${subject} ${sequence}`),
    /** What the stream hands over of a subject: its contributions in order, binary values as base64. */
    async streamed(subject: string): Promise<DynamoDBRecord[]> {
      for await (const { sequence, recordedAt } of store.contributions(subject))
        numbers.set(`${subject} ${placeAt(recordedAt)}`, sequence);
      const { Items = [] } = await engine.client.send(
        new QueryCommand({
          TableName: engine.recordTable,
          KeyConditionExpression: 'subject = :subject AND begins_with(#item, :prefix)',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: { ':subject': { S: subject }, ':prefix': { S: 'contribution#' } },
        }),
      );
      return Items.map((item, index) => {
        const image = Object.entries(item).map(([name, { B, ...rest }]) => [
          name,
          B === undefined ? rest : { B: Buffer.from(B).toString('base64') },
        ]);
        return { eventName: 'INSERT', dynamodb: { NewImage: Object.fromEntries(image), SequenceNumber: String(1000 + index) } };
      });
    },
    async stop() {
      await bus.stop();
      await engine.stop();
    },
  };
}
