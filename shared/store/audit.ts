import { deflateRawSync, inflateRawSync } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { ClassDecision } from '../access/access.ts';
import { digestOf } from './chain/canonical.ts';

/** One look at a record: who, for which organisation, why, what was shown and what was withheld, at which state of the record. */
export interface AccessEntry {
  /** 16 characters of base32, random: a request id that somebody sends twice must not make two entries one. With instant and person it is named outside by `shared/access/access-id.ts`. */
  readonly id: string;
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  /** The person looked at. For a look that found nobody, the personId that was asked for. */
  readonly person: string;
  readonly organisation: string;
  /** The app client. */
  readonly client: string;
  /** Which system of the organisation that client is; absent for the default. */
  readonly source?: string;
  /** A member of staff, as `Viewer.staff`, what their provider calls them, which provider that is, and how sure it is of them. */
  readonly staff?: string;
  readonly name?: string;
  readonly provider?: string;
  readonly assurance?: string;
  /** The personId of whoever is signed in, where it is a person: the one looked at, or a proxy. */
  readonly signedIn?: string;
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
  /** What was decided of every class of the record, whether or not this look asked for it. */
  readonly decisions?: Readonly<Record<string, ClassDecision>>;
  /** Why they may look: kinds of relationships, and the ids of grants that were used. */
  readonly relationships?: readonly string[];
  readonly grants?: readonly string[];
  /** Sequence number of each partition and each directory that was consulted, as it stood then: with them the answer can be made again. */
  readonly sequences: Readonly<Record<string, number>>;
  /** Of a look at an earlier state of the record: the sequence numbers of that state. */
  readonly asOf?: Readonly<Record<string, number>>;
  readonly policyVersion: string;
  readonly requestId: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** SHA-256 of the bytes of the answer's body before any compression, base64url: proves what was shown. */
  readonly digest?: string;
  /** What was asked, sealed: with it the answer can be made again, and by nobody who only reads this table. */
  readonly sealedRequest?: Uint8Array;
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
      const Item = itemOf(entry);
      try {
        // An entry is never overwritten.
        const condition = {
          ConditionExpression: 'attribute_not_exists(person)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        } as const;
        await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      } catch (error) {
        if (!isThere(error, Item)) throw error;
      }
    },
  };
}

/** Whether just this entry is there: written by a try whose answer was lost. */
const isThere = (error: unknown, item: Record<string, AttributeValue>): boolean =>
  error instanceof ConditionalCheckFailedException && error.Item !== undefined && digestOf(error.Item) === digestOf(item);

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

type Decisions = NonNullable<AccessEntry['decisions']>;

/** Without a bound on the classes, for one that is missing could not be decided again; class keys are short, and compress well. */
const packDecisions = (decisions: Decisions): Uint8Array => deflateRawSync(JSON.stringify(decisions));

/** Reads what an entry keeps of its decisions. */
export const unpackDecisions = (packed: Uint8Array): Decisions => JSON.parse(inflateRawSync(packed).toString()) as Decisions;

/** The attributes that have a value. */
const present = <T>(values: Readonly<Record<string, T | undefined>>, attribute: (value: T) => AttributeValue) =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, attribute(value)]])));

const list = (values: readonly string[]) => ({ L: values.map(text) });
const bytes = (value: Uint8Array) => ({ B: value });

function itemOf(entry: AccessEntry): Record<string, AttributeValue> {
  const { decisions, status, sealedRequest } = entry;
  const { organisation, client, source, staff, name, provider, assurance, signedIn, role, purpose } = entry;
  const { interaction, type, outcome, policyVersion, requestId, digest } = entry;
  return {
    person: text(entry.person),
    access: text(`${entry.at}#${entry.id}`),
    ...present({ organisation, client, source, staff, name, provider, assurance, signedIn, role, purpose }, text),
    ...present({ interaction, type, outcome, policyVersion, requestId, digest }, text),
    shown: classCounts(entry.shown),
    withheld: classCounts(entry.withheld),
    ...present({ relationships: entry.relationships, grants: entry.grants }, list),
    ...present({ sequences: entry.sequences, asOf: entry.asOf }, counts),
    ...present({ status: status?.toString() }, (N) => ({ N })),
    ...present({ decisions: decisions && packDecisions(decisions), sealedRequest }, bytes),
  };
}
