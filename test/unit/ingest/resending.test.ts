import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressOf, type Ingest, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, patient, personOf } from './resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

/** How a source names one of its resources, and to which of the others it refers. */
interface Plan {
  readonly named: 'by identifier' | 'by id' | 'by both';
  readonly refersTo: number;
  readonly subject: 'address' | 'number' | 'local';
}

const plans = fc.array(
  fc.record<Plan>({
    named: fc.constantFrom('by identifier', 'by id', 'by both'),
    refersTo: fc.nat(5),
    subject: fc.constantFrom('address', 'number', 'local'),
  }),
  { minLength: 1, maxLength: 6 },
);

function resourceOf({ named, refersTo, subject }: Plan, index: number, run: number, number: string, all: readonly Plan[]) {
  const target = refersTo % all.length;
  const refers =
    all[target]!.named === 'by identifier'
      ? `Observation?identifier=https://uhd.example/r|${run}-${target}`
      : `Observation/o-${run}-${target}`;
  const subjects = {
    address: { reference: `Patient/pas-${run}` },
    number: { identifier: { system: NHS, value: number } },
    local: { reference: `Patient?identifier=${MRN}|run-${run}` },
  };
  return {
    resourceType: 'Observation',
    ...(named === 'by identifier' ? {} : { id: `o-${run}-${index}` }),
    ...(named === 'by id' ? {} : { identifier: [{ system: 'https://uhd.example/r', value: `${run}-${index}` }] }),
    status: 'final',
    code: { text: `Result ${index}` },
    subject: subjects[subject],
    ...(target === index ? {} : { derivedFrom: [{ reference: refers }] }),
  };
}

it('whatever names a source uses, sending everything again changes nothing: as a bundle, or one by one in any order', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(plans, fc.infiniteStream(fc.nat()), async (all, order) => {
      run++;
      const number = nhsNumber();
      const person = patient(
        [
          [MRN, `run-${run}`],
          [NHS, number],
        ],
        { id: `pas-${run}` },
      );
      const resources = [person, ...all.map((plan, index) => resourceOf(plan, index, run, number, all))];
      const bundle = {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } })),
      };
      const first = await ingest.send('POST', '/', bundle);
      const stand = first.body.entry.map(({ response }: { response: object }) => response);
      const second = await ingest.send('POST', '/', bundle);
      expect(second.body.entry.map(({ response }: { response: object }) => response)).toEqual(
        stand.map((response: object) => ({ ...response, status: '200 OK' })),
      );
      const before = await ingest.store.fold(personOf(number));
      expect(before.fragments.size).toBe(resources.length);
      const shuffled = resources
        .map((resource, index) => ({ resource, index, at: order.next().value as number }))
        .sort((one, other) => one.at - other.at);
      for (const { resource, index } of shuffled) {
        const answer = await ingest.instance().send('POST', resource.resourceType, resource);
        expect([answer.status, answer.headers.etag, addressOf(answer.headers.location)]).toEqual([
          200,
          stand[index].etag,
          addressOf(stand[index].location),
        ]);
      }
      expect((await ingest.store.fold(personOf(number))).sequence).toBe(before.sequence);
    }),
    { numRuns: 40 },
  );
});
