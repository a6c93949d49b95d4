import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOURCE_ID } from '../../../../../shared/fhir/systems.ts';
import {
  addressesIn,
  addressIn,
  numbered,
  type Partner,
  type Partners,
  putEntry,
  startPartners,
  statusesIn,
} from '../../partners.ts';
import { nhsNumber } from '../../resources.ts';
import { type Example, examplesAbout } from './r4-examples.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const keyOf = ({ resourceType, id }: Example) => `${resourceType}/${id}`;

/** Properties that resolving a reference writes. */
const RESOLVED = ['reference', 'type', 'identifier'];
const isReference = (value: object) =>
  ('reference' in value || 'identifier' in value) &&
  Object.keys(value).every((name) => name === 'display' || RESOLVED.includes(name));

/** What a resource says, apart from its id, its metadata and how its references are written. */
function contentOf({ id: _id, meta: _meta, ...resource }: Record<string, unknown>): unknown {
  const plain = (_name: string, value: unknown) =>
    typeof value === 'object' && value !== null && isReference(value)
      ? { display: (value as { display?: string }).display }
      : value;
  return JSON.parse(JSON.stringify(resource, plain));
}

/** Relative references in a resource as it was sent, and in the same places as it is kept. */
function references(sent: unknown, kept: unknown): [string, Record<string, unknown>][] {
  if (typeof sent !== 'object' || sent === null || typeof kept !== 'object' || kept === null) return [];
  const [one, other] = [sent as Record<string, unknown>, kept as Record<string, unknown>];
  const own =
    typeof one.reference === 'string' && /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test(one.reference) ? one.reference : undefined;
  return [
    ...(own === undefined ? [] : [[own, other] as [string, Record<string, unknown>]]),
    ...Object.keys(one).flatMap((name) => references(one[name], other[name])),
  ];
}

/** Holds what is kept against what was sent, one by one: own content under own id, each reference where it should lead. */
async function expectKept(number: string, examples: readonly Example[], addresses: ReadonlyMap<string, string>): Promise<void> {
  const { fragments } = await partners.ingest.store.fold(numbered(number));
  expect(fragments.size).toBe(examples.length);
  expect(new Set(addresses.values()).size).toBe(examples.length);
  for (const example of examples) {
    const address = addresses.get(keyOf(example))!;
    const kept = JSON.parse(fragments.get(address.split('.')[1]!)!.body!);
    expect(contentOf(kept), keyOf(example)).toEqual(contentOf(example));
    for (const [reference, holder] of references(example, kept)) {
      if (reference === 'Patient/example') expect(holder.reference).toBe(`Patient/${numbered(number)}`);
      else if (addresses.has(reference)) expect(holder.reference, reference).toBe(addresses.get(reference));
      else expect(holder, reference).toMatchObject({ type: reference.split('/')[0] });
      if (holder.reference === undefined && holder.identifier !== undefined)
        expect([SOURCE_ID, identifierSystem(example, reference)]).toContain((holder.identifier as { system?: string }).system);
    }
  }
}

/** The system of an identifier that stands beside a reference already. */
const identifierSystem = (example: Example, reference: string): string | undefined =>
  new RegExp(`"identifier":\\{[^}]*"system":"([^"]+)"[^}]*\\}[^{}]*"reference":"${reference}"`).exec(
    JSON.stringify(example),
  )?.[1];

const addressesOf = (examples: readonly Example[], addresses: readonly string[]) =>
  new Map(examples.map((example, index) => [keyOf(example), addresses[index]!]));

describe('the official R4 examples, pointed at one person', () => {
  it('keep every own id and its own content when they are put alone, and change nothing when they come again', async () => {
    const number = nhsNumber();
    const examples = examplesAbout(number);
    expect(examples.length).toBeGreaterThan(400);
    const put = async () => {
      const addresses: string[] = [];
      for (const example of examples) {
        const answer = await hospital.put(keyOf(example), example);
        expect([200, 201], `${keyOf(example)} ${JSON.stringify(answer.body?.issue)}`).toContain(answer.status);
        addresses.push(addressIn(answer));
      }
      return addressesOf(examples, addresses);
    };
    const addresses = await put();
    // Now that everything is there, references are resolved.
    expect(await put()).toEqual(addresses);
    await expectKept(number, examples, addresses);
    const { sequence } = await partners.ingest.store.fold(numbered(number));
    for (const send of [hospital.transaction, hospital.batch])
      expect(addressesIn(await send(...examples.map((one) => putEntry(one))))).toEqual([...addresses.values()]);
    expect((await partners.ingest.store.fold(numbered(number))).sequence).toBe(sequence);
  });

  it.each(['transaction', 'batch'] as const)(
    'keep them in one %s, resolved at once, and change nothing when they come again',
    async (kind) => {
      const number = nhsNumber();
      const partner = partners.partner(kind === 'batch' ? 'dch' : 'surgery');
      const examples = examplesAbout(number);
      const answer = await partner[kind](...examples.map((one) => putEntry(one)));
      expect(statusesIn(answer)).toEqual(examples.map(() => 201));
      const addresses = addressesOf(examples, addressesIn(answer));
      await expectKept(number, examples, addresses);
      const { sequence } = await partners.ingest.store.fold(numbered(number));
      await partner[kind](...examples.toReversed());
      for (const example of examples.toReversed())
        expect(addressIn(await partner.post(example))).toBe(addresses.get(keyOf(example)));
      expect((await partners.ingest.store.fold(numbered(number))).sequence).toBe(sequence);
    },
  );

  it('keep them when they are posted one by one', async () => {
    const number = nhsNumber();
    const partner = partners.partner('other');
    const examples = examplesAbout(number);
    const addresses: string[] = [];
    for (const example of examples) await partner.post(example);
    for (const example of examples) addresses.push(addressIn(await partner.post(example)));
    await expectKept(number, examples, addressesOf(examples, addresses));
  });
});
