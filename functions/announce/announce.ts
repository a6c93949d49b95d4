import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Access } from '../../shared/access/access.ts';
import type { Entry } from '../../shared/bus/batches.ts';
import type { Ordered } from '../../shared/bus/lanes.ts';
import type { Publisher } from '../../shared/bus/publish.ts';
import { sideBySide } from '../../shared/bus/side-by-side.ts';
import { changesOf } from '../../shared/changes/changes.ts';
import {
  type Announcement,
  announcementsOf,
  EVENT_SOURCE,
  fragmentOf,
  type Origin,
  takesBack,
} from '../../shared/changes/envelope.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import { familyOf } from '../../shared/directory/families.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import { handBackFrom } from '../../shared/lambda/stream.ts';
import type { Contribution } from '../../shared/record/contribution.ts';
import { isPersonId } from '../../shared/record/identity.ts';
import type { VersionNames } from '../../shared/record/version-names.ts';
import { contributionOfItem } from '../../shared/store/record.ts';
import { addressChanges } from './audience.ts';
import type { History } from './history.ts';
import type { OpenWaitingGrants } from './open-waiting-grants.ts';
import type { RaiseQuestions } from './raise-questions.ts';
import type { Steps } from './steps.ts';

export interface AnnounceDependencies {
  readonly steps: Steps;
  readonly history: History;
  readonly raiseQuestions: RaiseQuestions;
  readonly openWaitingGrants: OpenWaitingGrants;
  readonly access: Access;
  readonly directory: Directory;
  readonly publish: Publisher;
  readonly versionNames: () => Promise<VersionNames>;
  readonly origin: Origin;
  /** Name of the event bus. */
  readonly bus: string;
  readonly log: Log;
  readonly now: () => Date;
}

/** An event to be sent: those of a person keep their order, and those of a contribution go together. */
interface Sent extends Ordered {
  /** Place of the contribution in the batch. */
  readonly step: number;
}

/** What is left of the invocation's time when the last attempt may begin. */
const RESERVE_MS = 5_000;

/** Persons whose records are read at a time. */
const PERSONS_AT_ONCE = 8;

/**
 * Turns the contributions of a batch into events on the bus, and their questions into tasks of records offices: at least once, and those of
 * each person in their order.
 *
 * Whatever can be announced is, even beside a contribution that cannot; only what follows that in the same person's record waits for it. The answer names the
 * first that could not, and the event source hands over again from there. Ids are the same each time, so a repetition is known as one.
 */
export function createHandler(dependencies: AnnounceDependencies) {
  const { steps, history, raiseQuestions, openWaitingGrants, access, directory, publish } = dependencies;
  const { versionNames, origin, bus, log, now } = dependencies;

  async function announcementsIn(contribution: Contribution): Promise<readonly Announcement[]> {
    if (!isPersonId(contribution.subject)) return [];
    const step = await steps(contribution);
    const changes = changesOf(step);
    const back = changes.filter(takesBack).flatMap((change) => fragmentOf(change)?.fragmentId ?? []);
    const moments = changes.some(takesBack) ? await history(contribution, new Set(back)) : [];
    const addressed = addressChanges(changes, step, moments, access, now().toISOString());
    return announcementsOf(
      addressed.map((each) => ({ ...each, formerly: familyOf(directory, each.formerly ?? []) })),
      origin,
      await versionNames(),
    );
  }

  const entryOf = ({ change, detail }: Announcement): Entry => ({
    EventBusName: bus,
    Source: EVENT_SOURCE,
    DetailType: change.name,
    Detail: JSON.stringify(detail),
    Time: new Date(change.recordedAt),
  });

  async function sentOf(record: DynamoDBRecord, step: number): Promise<readonly Sent[]> {
    const contribution = contributionOfItem(record.dynamodb?.NewImage ?? {});
    if (contribution === undefined) return [];
    await raiseQuestions(contribution, now().toISOString());
    await openWaitingGrants(contribution, now().toISOString());
    const announced = await announcementsIn(contribution);
    return announced.map((each) => ({ entry: entryOf(each), lane: contribution.subject, step }));
  }

  /** One after the other: each on the fold that the one before has left. After one that cannot be announced, those that follow it wait. */
  async function sentOfPerson(
    places: readonly number[],
    Records: readonly DynamoDBRecord[],
    failed: Set<number>,
  ): Promise<Sent[]> {
    const sent: Sent[] = [];
    for (const [index, place] of places.entries()) {
      const record = Records[place]!;
      try {
        sent.push(...(await sentOf(record, place)));
      } catch (error) {
        for (const waiting of places.slice(index)) failed.add(waiting);
        log.error('a contribution cannot be announced', { bodyBytes: record.dynamodb?.SizeBytes, error });
        break;
      }
    }
    return sent;
  }

  return async (
    { Records }: DynamoDBStreamEvent,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<DynamoDBBatchResponse> => {
    const deadline = now().getTime() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const failed = new Set<number>();
    const sent = (
      await sideBySide(placesBySubject(Records), PERSONS_AT_ONCE, (places) => sentOfPerson(places, Records, failed))
    ).flat();
    for (const { step } of await publish(sent, deadline)) failed.add(step);
    log.info('announced', { count: sent.length });
    return handBackFrom(failed, Records);
  };
}

/** Places of the records of each subject, in the order in which the stream has them. */
function placesBySubject(records: readonly DynamoDBRecord[]): readonly (readonly number[])[] {
  const places = new Map<string, number[]>();
  for (const [place, { dynamodb }] of records.entries()) {
    const subject = dynamodb?.NewImage?.subject?.S ?? '';
    places.set(subject, [...(places.get(subject) ?? []), place]);
  }
  return [...places.values()];
}
