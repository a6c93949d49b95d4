import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

/** One look at a record: who, for which organisation, why, what was shown and what was withheld, at which state of the record. */
export interface AccessEntry {
  /** Random (a UUID): a request id that somebody sends twice must not make two entries one. */
  readonly id: string;
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  /** The person looked at. For a look that found nobody, the personId that was asked for. */
  readonly person: string;
  readonly organisation: string;
  /** The app client, or the person at the keyboard. */
  readonly client: string;
  readonly role: string;
  readonly purpose: string;
  /** Such as `read`, `search`, `everything`, `history`. */
  readonly interaction: string;
  /** FHIR types asked for; never a query value. */
  readonly type?: string;
  readonly outcome: 'shown' | 'refused';
  /** How many fragments were shown and withheld, by class. */
  readonly shown: Readonly<Record<string, number>>;
  readonly withheld: Readonly<Record<string, number>>;
  /** Sequence number seen of each partition that was folded: with it the answer can be made again. */
  readonly sequences: Readonly<Record<string, number>>;
  readonly policyVersion: string;
  readonly requestId: string;
}

/** The append-only table of looks. An answer about a person may only leave once its entry is durable. */
export interface Audit {
  /** @throws whatever the table throws: the caller then shows nothing. */
  record(entry: AccessEntry): Promise<void>;
}

/** @param table partition key `person`, sort key `access`; its callers may put and nothing else. */
export function createAudit({ client, table }: { client: DynamoDBClient; table: string }): Audit {
  return {
    record: async (entry) => {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: itemOf(entry),
          // An entry is never overwritten.
          ConditionExpression: 'attribute_not_exists(person)',
        }),
      );
    },
  };
}

const text = (value: string) => ({ S: value });
const counts = (values: Readonly<Record<string, number>>) => ({
  M: Object.fromEntries(Object.entries(values).map(([name, count]) => [name, { N: String(count) }])),
});

/** An item holds 400 KB. Whatever a contributor labels its fragments with, the look at them must fit: else nobody could read that record any more. */
const MAX_CLASSES = 500;
const MAX_CLASS_CHARACTERS = 200;
const OTHERS = 'others';

/** Classes by their names, of which long ones are cut; the classes past the bound are counted together. */
function classCounts(values: Readonly<Record<string, number>>) {
  const bounded = new Map<string, number>();
  for (const [name, count] of Object.entries(values)) {
    const cut = name.slice(0, MAX_CLASS_CHARACTERS);
    const kept = bounded.has(cut) || bounded.size < MAX_CLASSES ? cut : OTHERS;
    bounded.set(kept, (bounded.get(kept) ?? 0) + count);
  }
  return counts(Object.fromEntries(bounded));
}

function itemOf(entry: AccessEntry) {
  return {
    person: text(entry.person),
    access: text(`${entry.at}#${entry.id}`),
    organisation: text(entry.organisation),
    client: text(entry.client),
    role: text(entry.role),
    purpose: text(entry.purpose),
    interaction: text(entry.interaction),
    ...(entry.type === undefined ? {} : { type: text(entry.type) }),
    outcome: text(entry.outcome),
    shown: classCounts(entry.shown),
    withheld: classCounts(entry.withheld),
    sequences: counts(entry.sequences),
    policyVersion: text(entry.policyVersion),
    requestId: text(entry.requestId),
  };
}
