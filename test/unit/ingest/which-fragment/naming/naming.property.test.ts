/**
 * Random histories of messages, held against the rules as `naming-model.ts` tells them. `npm test` runs a few hundred;
 * ten thousand of each property, which takes some minutes:
 *
 *   HISTORIES=10000 npx vitest run test/unit/ingest/which-fragment/naming/naming.property.test.ts
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../ingesting.ts';
import {
  type Entry,
  numbered,
  type Partner,
  type Partners,
  postEntry,
  putEntry,
  startPartners,
  statusesIn,
} from '../../partners.ts';
import { nhsNumber } from '../../resources.ts';
import { byText, contentOf, KIND_NAMES, type Message, Model, nameOf, quarrels, resourceOf, TYPES } from './naming-model.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 80);
const TIMEOUT_MS = 60_000 + HISTORIES * 500;

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const messages = fc.record(
  {
    type: fc.constantFrom(...TYPES),
    ownId: fc.nat(2),
    identifiers: fc.uniqueArray(fc.constantFrom(...KIND_NAMES), { maxLength: 3 }),
    code: fc.nat(1),
    display: fc.nat(1),
    says: fc.nat(2),
  },
  { requiredKeys: ['type', 'identifiers', 'code', 'display', 'says'] },
) as fc.Arbitrary<Message>;

/** One request. The nth entry of a bundle bears a `urn:uuid` and is put to its own id as the flags say. */
interface Sending {
  readonly how: 'POST' | 'PUT' | 'transaction' | 'batch';
  readonly messages: readonly Message[];
  readonly put: boolean;
  readonly uuid: boolean;
}

const sendings: fc.Arbitrary<Sending> = fc.record({
  how: fc.constantFrom('POST', 'PUT', 'transaction', 'batch'),
  messages: fc.array(messages, { minLength: 1, maxLength: 5 }),
  put: fc.boolean(),
  uuid: fc.boolean(),
});

function entryOf(message: Message, number: string, { put, uuid }: Pick<Sending, 'put' | 'uuid'>): Entry {
  const resource = resourceOf(message, number);
  const fullUrl = uuid ? `urn:uuid:${randomUUID()}` : undefined;
  return put && message.ownId !== undefined ? putEntry(resource, fullUrl) : postEntry(resource, fullUrl);
}

const sendBundle = ({ how, messages: all, ...flags }: Sending, number: string): Promise<Answer> =>
  hospital[how === 'batch' ? 'batch' : 'transaction'](...all.map((one) => entryOf(one, number, flags)));

function sendAlone(message: Message, number: string, how: 'POST' | 'PUT'): Promise<Answer> {
  const resource = resourceOf(message, number);
  return how === 'PUT' && message.ownId !== undefined
    ? hospital.put(`${message.type}/own-${message.ownId}`, resource)
    : hospital.post(resource);
}

const STATUS = { created: 201, updated: 200, unchanged: 200 };

/** Sends to both, and holds what was answered against what was expected. */
async function send(sending: Sending, number: string, model: Model): Promise<void> {
  const { how, messages: all } = sending;
  if (how === 'POST' || how === 'PUT') {
    for (const message of all) {
      const expected = model.write(message, number);
      expect((await sendAlone(message, number, how)).status).toBe(STATUS[expected]);
    }
    return;
  }
  const expected = how === 'batch' ? model.batch(all, number) : model.transaction(all, number);
  const answer = await sendBundle(sending, number);
  if (expected === 'refused') expect(answer.status).toBe(400);
  else expect(statusesIn(answer)).toEqual(expected.map((one) => STATUS[one]));
}

/** What a version says, as its source sent it. */
function sentAs(body: string, number: string): string {
  const { meta: _meta, id: _id, ...resource } = JSON.parse(body);
  const person = `Patient/${numbered(number)}`;
  for (const element of ['subject', 'patient'])
    if (resource[element] !== undefined) {
      expect(resource[element].reference).toBe(person);
      delete resource[element].reference;
    }
  return JSON.stringify(sorted(resource));
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, each]) => [name, sorted(each)]),
        )
      : value;
const inOrder = (content: string) => JSON.stringify(sorted(JSON.parse(content)));

/** Every fragment of a person as the contents of its versions, the oldest first. */
async function historiesOf(number: string): Promise<string[][]> {
  const { fragments } = await partners.ingest.store.fold(numbered(number));
  const histories = [...fragments.values()].map(async ({ subject, fragmentId }) =>
    (await partners.ingest.store.versions(subject, fragmentId)).map(({ body }) => sentAs(body!, number)).reverse(),
  );
  return (await Promise.all(histories)).sort(byText);
}

const currentOf = async (number: string): Promise<string[]> =>
  [...(await partners.ingest.store.fold(numbered(number))).fragments.values()].map(({ body }) => sentAs(body!, number)).sort();

describe('whatever is sent, in whatever order and grouping, with whatever identifiers', () => {
  it(
    'each thing has the versions that its own name was given, and no other',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(sendings, { minLength: 1, maxLength: 6 }), async (history) => {
          const [number, model] = [nhsNumber(), new Model()];
          for (const sending of history) await send(sending, number, model);
          const expected = model
            .histories()
            .map((versions) => versions.map(inOrder))
            .sort(byText);
          const histories = await historiesOf(number);
          expect(histories).toEqual(expected);
          for (const versions of histories) expect(new Set(versions.map(ownIdIn)).size).toBe(1);
        }),
        { numRuns: HISTORIES },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'the record depends on what was sent and not on how it was packed, and sending it all again writes nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 10 }), packings, packings, async (all, one, other) => {
          const [first, second] = [nhsNumber(), nhsNumber()];
          await sendPacked(all, one, first);
          await sendPacked(all, other, second);
          const swap = (contents: string[]) => contents.map((content) => content.replaceAll(first, second)).sort();
          expect(swap(await currentOf(first))).toEqual(await currentOf(second));
          const { sequence } = await partners.ingest.store.fold(numbered(first));
          const latest = latestOf(all);
          for (const message of latest.filter((each) => nameOf(each) !== undefined)) await sendAlone(message, first, 'POST');
          await sendBundle({ how: 'transaction', messages: latest, put: false, uuid: true }, first);
          await sendBundle({ how: 'batch', messages: latest.toReversed(), put: true, uuid: false }, first);
          expect((await partners.ingest.store.fold(numbered(first))).sequence).toBe(sequence);
        }),
        { numRuns: HISTORIES },
      );
    },
    TIMEOUT_MS,
  );
});

/** The own id of the source at the beginning of what a version says. */
const ownIdIn = (content: string): string | undefined => /"(\d+|no id): \d+"/.exec(content)?.[1];

/** How a list of messages is cut into requests: the sizes of bundles, and what they are. */
const packings = fc.infiniteStream(
  fc.record({ size: fc.integer({ min: 1, max: 5 }), how: sendings.map(({ how }) => how), put: fc.boolean(), uuid: fc.boolean() }),
);
type Packing = typeof packings extends fc.Arbitrary<infer T> ? T : never;

async function sendPacked(all: readonly Message[], packing: Packing, number: string): Promise<void> {
  const steps = packing[Symbol.iterator]();
  for (let from = 0; from < all.length; ) {
    const { size, how, put, uuid } = steps.next().value!;
    let some = all.slice(from, from + size);
    // Two versions of one thing do not go into one transaction.
    while (how === 'transaction' && quarrels(some, number)) some = some.slice(0, -1);
    from += some.length;
    // Without a name and alone, a message would make something new each time.
    const isAlone = how === 'POST' || how === 'PUT';
    if (isAlone && some.every((each) => nameOf(each) !== undefined)) for (const one of some) await sendAlone(one, number, how);
    else {
      const kind = isAlone ? 'batch' : how;
      expect((await sendBundle({ how: kind, messages: some, put, uuid }, number)).status).toBe(200);
    }
  }
}

/** The last message about each thing. */
function latestOf(all: readonly Message[]): Message[] {
  const latest = new Map<string, Message>();
  for (const message of all) latest.set(nameOf(message) ?? contentOf(resourceOf(message, '')), message);
  return [...latest.values()];
}
