import { createHash, randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import type { ReviewDependencies } from '../../../functions/review/context.ts';
import { createHandler } from '../../../functions/review/review.ts';
import { newAccessId } from '../../../shared/access/access-id.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { taskOfGrant } from '../../../shared/access/review/task.ts';
import { describe as describeResource } from '../../../shared/fhir/describe.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { draftContribution } from '../../../shared/record/draft.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { linkContributions } from '../../../shared/record/linking.ts';
import { type AccessEntry, createAudit } from '../../../shared/store/audit.ts';
import { createGrants } from '../../../shared/store/oversight/grants.ts';
import { createLooks } from '../../../shared/store/oversight/looks.ts';
import { createProgress } from '../../../shared/store/oversight/progress.ts';
import { createStaffRegister } from '../../../shared/store/oversight/staff-register.ts';
import { createTasks } from '../../../shared/store/oversight/tasks.ts';
import { createWatchList } from '../../../shared/store/oversight/watch-list.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { startEngine } from '../../engine.ts';
import { directory } from '../justify/world.ts';

/** The review of the audit on a real engine, with a clock that tests set. */
export async function createWorld() {
  const engine = await startEngine();
  const { client } = engine;
  const identity = createIdentity(createHash('sha256').update('review').digest());
  const oversight = { client, table: engine.oversightTable };
  const store = createRecordStore({ client, table: engine.recordTable });
  const audit = createAudit({ client, table: engine.auditTable });
  const clock = { now: new Date('2026-11-24T12:00:00.000Z') };
  const dependencies: ReviewDependencies = {
    looks: createLooks({ client, table: engine.auditTable }),
    store,
    tasks: createTasks(oversight),
    watchList: createWatchList(oversight),
    staffRegister: createStaffRegister(oversight),
    progress: createProgress(oversight),
    directory,
    log: createLog(new Logger({ logLevel: 'SILENT' })),
    now: () => clock.now,
  };
  const person = (name: string) => identity.person({ system: 'urn:test', value: name });

  return {
    engine,
    clock,
    dependencies,
    person,
    /** A Patient of a person, as a hospital contributes it. */
    known: async (name: string, patient: Partial<fhir4.Patient>, contributor = 'uhd') => {
      const resource = { resourceType: 'Patient', ...patient };
      const fragmentId = identity.fragment(contributor, 'Patient', name);
      await store.contribute([person(name)], (folds, now) => {
        const drafted = draftContribution(
          folds.get(person(name))!,
          { contributor, client: contributor, source: 'main', requestId: randomUUID() },
          [
            {
              fragmentId,
              type: 'Patient',
              content: { meta: {}, rest: JSON.stringify(patient) },
              ...describeResource(resource as never),
            },
          ],
          now,
        );
        if ('problems' in drafted) throw new Error(JSON.stringify(drafted.problems));
        return { result: true, contributions: drafted.contribution ? [drafted.contribution] : [] };
      });
    },
    /** Two records are found to be one person's. */
    link: async (survivor: string, loser: string) => {
      const persons = [person(survivor), person(loser)] as const;
      const submission = { contributor: 'uhd', client: 'uhd', source: 'main', requestId: randomUUID() };
      await store.contribute([...persons], (folds, now) => ({
        result: 'linked',
        contributions: linkContributions(folds, submission, { kind: 'link', persons, survivor: persons[0] }, now),
      }));
    },
    /** A look that was noted. */
    looked: async (at: string, name: string, changed: Partial<AccessEntry> = {}) => {
      const id = newAccessId();
      await audit.record({
        ...{ id, at, person: person(name), organisation: 'hhft', client: 'portal', staff: 'hampshire|nurse', name: 'Nia Nurse' },
        ...{ role: 'clinician', purpose: 'direct-care', interaction: 'everything', outcome: 'shown' },
        ...{ shown: {}, withheld: {}, sequences: {}, policyVersion: 'test', requestId: randomUUID() },
        ...changed,
      });
      return `${at}#${id}`;
    },
    granted: async (kind: Grant['kind'], name: string, from: string, until: string) => {
      const grant: Grant = {
        ...{ id: newAccessId(), kind, person: person(name), staff: 'hampshire|nurse', role: 'clinician', organisation: 'hhft' },
        ...{ from, until, reason: { code: 'emergency', text: 'Unconscious in the emergency department.' } },
      };
      const task = taskOfGrant(grant, 'Nia Nurse');
      await createGrants(oversight).put(grant, task, true);
      return task;
    },
    /** Runs the function at an instant. */
    review: async (
      at: string,
      { msLeft = 300_000, changed = {} }: { msLeft?: number; changed?: Partial<ReviewDependencies> } = {},
    ) => {
      clock.now = new Date(at);
      await createHandler({ ...dependencies, ...changed })({}, { getRemainingTimeInMillis: () => msLeft });
    },
    /** Findings about a person (of nobody, those about how somebody looks), oldest first. */
    findings: async (name?: string, organisation = 'hhft') => {
      const found = [];
      for await (const task of dependencies.tasks.since({ organisation, office: 'privacy' }, '2026')) {
        if (task.kind === 'finding' && task.person === (name === undefined ? undefined : person(name))) found.push(task);
      }
      return found;
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
