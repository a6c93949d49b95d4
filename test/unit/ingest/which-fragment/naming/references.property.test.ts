/**
 * `npm test` runs a few histories; ten thousand:
 *
 *   HISTORIES=10000 npx vitest run test/unit/ingest/which-fragment/naming/references.property.test.ts
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressesIn, addressIn, numbered, type Partner, type Partners, postEntry, startPartners } from '../../partners.ts';
import { byNhs, nhsNumber, result } from '../../resources.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 40);

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

/** Bases under which things of one id are different things; `undefined` is the source's own. */
const BASES = [undefined, 'https://a.example', 'https://b.example/fhir'] as const;

/** A thing of its source by base and id, and the ids that it refers to, each relative or under a base. */
interface Thing {
  readonly base: number;
  readonly id: number;
  readonly refersTo: readonly { readonly base: number | undefined; readonly id: number }[];
}

const bases = fc.nat(BASES.length - 1);
const things: fc.Arbitrary<Thing> = fc.record({
  base: bases,
  id: fc.nat(2),
  // Without a base a reference is relative.
  refersTo: fc.array(
    fc.record({ base: fc.option(fc.integer({ min: 1, max: BASES.length - 1 }), { nil: undefined }), id: fc.nat(2) }),
    { maxLength: 2 },
  ),
});

const keyOf = ({ base, id }: Pick<Thing, 'base' | 'id'>) => `${base}/${id}`;
const addressUnder = (base: number, id: number) => `${BASES[base] === undefined ? '' : `${BASES[base]}/`}Observation/o-${id}`;

function entryOf({ base, id, refersTo }: Thing, number: string) {
  const derivedFrom = refersTo.map((one) => ({
    reference: one.base === undefined ? `Observation/o-${one.id}` : addressUnder(one.base, one.id),
  }));
  const resource = result(keyOf({ base, id }), byNhs(number), {
    id: `o-${id}`,
    ...(refersTo.length === 0 ? {} : { derivedFrom }),
  });
  return BASES[base] === undefined ? postEntry(resource) : postEntry(resource, addressUnder(base, id));
}

/** What a reference means: relative ones have the base of their own entry. A bare one without a base is the source's own. */
const targetOf = (one: Thing, { base, id }: Thing['refersTo'][number]) => keyOf({ base: base ?? one.base, id });

it(
  'every reference comes to lead to what it names and to nothing else, however it was packed, and then stays',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(things, { minLength: 1, maxLength: 7, selector: keyOf }),
        fc.infiniteStream(fc.record({ size: fc.integer({ min: 1, max: 4 }), batch: fc.boolean() })),
        async (all, packing) => {
          const number = nhsNumber();
          const steps = packing[Symbol.iterator]();
          for (let from = 0; from < all.length; ) {
            const { size, batch } = steps.next().value!;
            const entries = all.slice(from, from + size).map((one) => entryOf(one, number));
            expect((await (batch ? hospital.batch : hospital.transaction)(...entries)).status).toBe(200);
            from += size;
          }
          const entries = all.map((one) => entryOf(one, number));
          const addresses = new Map<string, string>();
          for (const [index, entry] of entries.entries()) {
            const isBare = entry.fullUrl === undefined;
            const address = isBare
              ? addressIn(await hospital.post(entry.resource!))
              : addressesIn(await hospital.transaction(entry))[0]!;
            addresses.set(keyOf(all[index]!), address);
          }
          expect(new Set(addresses.values()).size).toBe(all.length);
          const settled = await partners.ingest.store.fold(numbered(number));
          for (const one of all) {
            const fragment = settled.fragments.get(addresses.get(keyOf(one))!.split('.')[1]!);
            const { code, derivedFrom = [] } = JSON.parse(fragment!.body!);
            expect(code.text).toBe(keyOf(one));
            for (const [index, given] of one.refersTo.entries()) {
              const target = addresses.get(targetOf(one, given));
              const { reference } = derivedFrom[index];
              // What is not here is named, or stays the address on its own server that it was.
              if (target !== undefined) expect(reference).toBe(target);
              else expect([undefined, addressUnder(given.base ?? one.base, given.id)]).toContain(reference);
            }
          }
          for (const send of [hospital.transaction, hospital.batch]) await send(...entries.toReversed());
          expect((await partners.ingest.store.fold(numbered(number))).sequence).toBe(settled.sequence);
        },
      ),
      { numRuns: HISTORIES },
    );
  },
  60_000 + HISTORIES * 500,
);
