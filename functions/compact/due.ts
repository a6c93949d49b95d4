import type { DynamoDBRecord } from 'aws-lambda';

/** A subject to look at, and the first record of the batch that says so. */
export interface DueSubject {
  readonly subject: string;
  /** Place of that record in the stream, to be given back if its compaction fails. */
  readonly streamSequence: string;
}

/** Looking at a subject is one Query, so not every contribution is a reason to: each sixteenth of a subject is, and each large one. */
export const LOOK_EVERY = 16;
export const LARGE_BASE64_CHARACTERS = 85_000;

const NEW_CONTRIBUTION = /^contribution#(\d{12})$/;

/** The subjects of a batch that may need a snapshot, each once. */
export function dueSubjects(records: readonly DynamoDBRecord[]): DueSubject[] {
  const due = new Map<string, DueSubject>();
  for (const { eventName, dynamodb } of records) {
    const item = dynamodb?.NewImage;
    const subject = item?.subject?.S;
    const key = NEW_CONTRIBUTION.exec(item?.item?.S ?? '');
    if (eventName !== 'INSERT' || subject === undefined || key === null || due.has(subject)) continue;
    const characters = (item?.manifest?.B?.length ?? 0) + (item?.body?.B?.length ?? 0);
    if (Number(key[1]) % LOOK_EVERY === 0 || characters >= LARGE_BASE64_CHARACTERS) {
      due.set(subject, { subject, streamSequence: dynamodb!.SequenceNumber! });
    }
  }
  return [...due.values()];
}
