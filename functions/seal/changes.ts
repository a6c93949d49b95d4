import type { DynamoDBRecord } from 'aws-lambda';
import { type CanonicalValue, digestOf } from '../../shared/store/chain/canonical.ts';
import type { TimedChange } from '../../shared/store/chain/chain.ts';
import type { ChangeKind } from '../../shared/store/chain/link.ts';

const KINDS: Readonly<Record<NonNullable<DynamoDBRecord['eventName']>, ChangeKind>> = {
  INSERT: 'added',
  MODIFY: 'changed',
  REMOVE: 'removed',
};

/**
 * What the stream of the Audit table tells of its entries, in its order.
 * @throws Error for what is no record of that stream
 */
export const changesOf = (records: readonly DynamoDBRecord[]): readonly TimedChange[] =>
  records.map(({ eventName, dynamodb }) => {
    const { Keys, NewImage, ApproximateCreationDateTime } = dynamodb ?? {};
    const [person, access] = [Keys?.person?.S, Keys?.access?.S];
    if (eventName === undefined || person === undefined || access === undefined || ApproximateCreationDateTime === undefined)
      throw new Error('the stream gave something else than a change of an entry');
    const digest = NewImage === undefined ? '' : digestOf(NewImage as Readonly<Record<string, CanonicalValue>>);
    return { kind: KINDS[eventName], person, access, digest, atMs: ApproximateCreationDateTime * 1000 };
  });
