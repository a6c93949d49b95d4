import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  noticesIn,
  numbered,
  type Partner,
  type Partners,
  putEntry,
  type Resource,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byNhs, nhsNumber, result, typed, unique } from '../resources.ts';

let partners: Partners;
let laboratory: Partner;
beforeAll(async () => {
  partners = await startPartners();
  laboratory = partners.partner('uhd');
});
afterAll(() => partners.stop());

const LAB = 'https://uhd.example/lab';
const LOINC = 'http://loinc.org';
const quantity = (value: number) => ({ valueQuantity: { value, unit: 'mmol/l' } });
const coding = (code: string, display?: string) => ({ system: LOINC, code, ...(display === undefined ? {} : { display }) });
const POTASSIUM = { coding: [coding('2823-3')] };
const SODIUM = { coding: [coding('2951-2')] };

/** Two results of one report, told apart by their codes. */
function report() {
  const [number, value] = [nhsNumber(), unique('L')];
  const of = (code: object, amount: number, more: object = {}): Resource & { id?: string } => ({
    ...result('', byNhs(number), { identifier: [{ system: LAB, value }], ...quantity(amount), ...more }),
    code,
  });
  return { number, value, of, potassium: of(POTASSIUM, 6.9), sodium: of(SODIUM, 128) };
}

/** Every version that a person's record ever had, as amounts by fragment. */
async function amountsOf(number: string): Promise<number[][]> {
  const { fragments } = await partners.ingest.store.fold(numbered(number));
  const histories = [...fragments.values()].map(async ({ subject, fragmentId }) =>
    (await partners.ingest.store.versions(subject, fragmentId))
      .flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body).valueQuantity.value as number]))
      .reverse(),
  );
  return (await Promise.all(histories)).sort(([a = 0], [b = 0]) => b - a);
}

describe('two results that share a report number', () => {
  const BOTH = [[128], [6.9]];

  it.each(['PUT', 'POST with ids', 'POST without ids', 'transaction', 'batch', 'transaction of PUTs'])(
    'are two by %s, in either order',
    async (how) => {
      for (const backwards of [false, true]) {
        const { number, potassium, sodium } = report();
        const named =
          how === 'POST without ids' ? [potassium, sodium] : [potassium, sodium].map((one) => ({ ...one, id: unique('o') }));
        const resources = backwards ? named.toReversed() : named;
        if (how === 'PUT') for (const one of resources) await laboratory.put(`Observation/${(one as { id: string }).id}`, one);
        else if (how.startsWith('POST')) for (const one of resources) await laboratory.post(one);
        else if (how === 'transaction of PUTs') await laboratory.transaction(...resources.map((one) => putEntry(one)));
        else await laboratory[how as 'transaction' | 'batch'](...resources);
        expect(await amountsOf(number)).toEqual(BOTH);
      }
    },
  );

  it('stay two when each is corrected, without ids', async () => {
    const { number, of, potassium, sodium } = report();
    await laboratory.transaction(potassium, sodium);
    await laboratory.post(of(SODIUM, 138));
    await laboratory.transaction(of(POTASSIUM, 4.1), of(SODIUM, 138));
    expect(await amountsOf(number)).toEqual([
      [128, 138],
      [6.9, 4.1],
    ]);
  });

  it('are two with one code too when their source gives them ids', async () => {
    const { number, of } = report();
    const [one, two] = [of(POTASSIUM, 6.9, { id: unique('k') }), of(POTASSIUM, 4.1, { id: unique('n') })];
    await laboratory.put(`Observation/${one.id}`, one);
    await laboratory.put(`Observation/${two.id}`, two);
    expect(await amountsOf(number)).toEqual([[6.9], [4.1]]);
  });

  it('are one when both number and code are the same and nothing else names them', async () => {
    const { number, of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const second = await laboratory.post(of(POTASSIUM, 4.1));
    expect([second.status, addressIn(second)]).toEqual([200, addressIn(first)]);
    expect(await amountsOf(number)).toEqual([[6.9, 4.1]]);
  });

  it('are named by the code, never by how it is displayed, nor by the order of codings and identifiers', async () => {
    const { number, of, value } = report();
    const second = { system: 'https://uhd.example/order', value };
    const identifier = [{ system: LAB, value }, second];
    const local = { system: 'https://uhd.example/tests', code: 'K' };
    const codes = [
      { coding: [coding('2823-3'), local] },
      { coding: [coding('2823-3', 'Potassium'), local], text: 'K+' },
      { coding: [local, coding('2823-3', 'Kalium')] },
    ];
    const addresses = [];
    for (const [index, code] of codes.entries())
      addresses.push(
        addressIn(await laboratory.post(of(code, index, { identifier: index === 1 ? identifier.toReversed() : identifier }))),
      );
    expect(new Set(addresses).size).toBe(1);
    expect(await amountsOf(number)).toEqual([[0, 1, 2]]);
  });

  it('are two where only a text tells them apart', async () => {
    const { number, of } = report();
    await laboratory.transaction(of({ text: 'Potassium' }, 6.9), of({ text: 'Sodium' }, 128));
    await laboratory.post(of({ text: 'Sodium' }, 128));
    expect(await amountsOf(number)).toEqual(BOTH);
  });

  it('are two in different systems of one code', async () => {
    const { number, of } = report();
    await laboratory.transaction(
      of({ coding: [{ system: 'urn:a', code: '1' }] }, 6.9),
      of({ coding: [{ system: 'urn:b', code: '1' }] }, 128),
    );
    expect(await amountsOf(number)).toEqual(BOTH);
  });

  it('are two where system and code only join to the same text', async () => {
    const { number, of } = report();
    await laboratory.transaction(
      of({ coding: [{ system: 'urn:a', code: 'x|y' }] }, 6.9),
      of({ coding: [{ system: 'urn:a|x', code: 'y' }] }, 128),
    );
    expect(await amountsOf(number)).toEqual(BOTH);
  });
});

describe('results e and f in a bundle, g alone, then e again alone', () => {
  const CODES = { e: POTASSIUM, f: SODIUM, g: { coding: [coding('2160-0')] } };

  it.each(['with ids', 'without ids'])('are three, and e is unchanged: %s', async (how) => {
    const { number, of } = report();
    const [e, f, g] = Object.entries(CODES).map(([id, code], index) =>
      of(code, index + 1, how === 'with ids' ? { id: unique(id) } : {}),
    ) as [Resource, Resource, Resource];
    const bundle = await laboratory.transaction(e, f);
    await laboratory.post(g);
    const again = await laboratory.post(e);
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressesIn(bundle)[0], 'W/"1"']);
    expect(await amountsOf(number)).toEqual([[3], [2], [1]]);
  });

  it('are three with one code, by their ids', async () => {
    const { number, of } = report();
    const [e, f, g] = ['e', 'f', 'g'].map((id, index) => of(POTASSIUM, index + 1, { id: unique(id) })) as [
      Resource,
      Resource,
      Resource,
    ];
    await laboratory.transaction(e, f);
    await laboratory.post(g);
    await laboratory.transaction(g, e);
    await laboratory.batch(f, e, g);
    expect(await amountsOf(number)).toEqual([[3], [2], [1]]);
  });
});

/** Types, and whether identifier alone names them. `change` makes another version of the same thing; `other` another thing under the same identifier. */
const medicine = (code: string) => ({ medicationCodeableConcept: { coding: [{ system: 'https://dmd.nhs.uk', code }] } });
const concept = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const IMP = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' };
const GROUPING: readonly (readonly [string, (subject: object) => object, object, object])[] = [
  ['DiagnosticReport', (subject) => ({ status: 'final', subject }), { code: concept('1') }, { code: concept('2') }],
  [
    'ServiceRequest',
    (subject) => ({ status: 'active', intent: 'order', subject }),
    { code: concept('1') },
    { code: concept('2') },
  ],
  ['MedicationRequest', (subject) => ({ status: 'active', intent: 'order', subject }), medicine('1'), medicine('2')],
  ['MedicationStatement', (subject) => ({ status: 'active', subject }), medicine('1'), medicine('2')],
  ['MedicationDispense', (subject) => ({ status: 'completed', subject }), medicine('1'), medicine('2')],
  [
    'MedicationAdministration',
    (subject) => ({ status: 'completed', effectiveDateTime: '2026-01-01', subject }),
    medicine('1'),
    medicine('2'),
  ],
  [
    'Immunization',
    (patient) => ({ status: 'completed', occurrenceDateTime: '2026-01-01', patient }),
    { vaccineCode: concept('1') },
    { vaccineCode: concept('2') },
  ],
  ['Procedure', (subject) => ({ status: 'completed', subject }), { code: concept('1') }, { code: concept('2') }],
  [
    'DeviceRequest',
    (subject) => ({ intent: 'order', subject }),
    { codeCodeableConcept: concept('1') },
    { codeCodeableConcept: concept('2') },
  ],
  [
    'SupplyRequest',
    (deliverTo) => ({ status: 'active', quantity: { value: 1 }, deliverTo }),
    { itemCodeableConcept: concept('1') },
    { itemCodeableConcept: concept('2') },
  ],
];
const condition = (code: string) => ({
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  code: concept(code),
});
const SINGLE: readonly (readonly [string, (subject: object) => object, object, object])[] = [
  ['Encounter', (subject) => ({ status: 'in-progress', subject }), { class: { ...IMP, code: 'EMER' } }, { class: IMP }],
  ['EpisodeOfCare', (patient) => ({ status: 'active', patient }), { type: [concept('1')] }, { type: [concept('2')] }],
  [
    'Appointment',
    (actor) => ({
      status: 'booked',
      start: '2026-12-24T09:00:00Z',
      end: '2026-12-24T09:10:00Z',
      participant: [{ actor, status: 'accepted' }],
    }),
    { appointmentType: concept('1') },
    { appointmentType: concept('2') },
  ],
  ['Condition', (subject) => ({ subject }), condition('1'), condition('2')],
  ['AllergyIntolerance', (patient) => allergy('', patient), { code: concept('1') }, { code: concept('2') }],
  ['Task', (whom) => ({ status: 'requested', intent: 'order', for: whom }), { code: concept('1') }, { code: concept('2') }],
  [
    'CarePlan',
    (subject) => ({ status: 'active', intent: 'plan', subject }),
    { category: [concept('1')] },
    { category: [concept('2')] },
  ],
];

const thing = (
  type: string,
  rest: (subject: object) => object,
  number: string,
  identifier: object[],
  more: object,
): Resource => ({
  ...rest(byNhs(number)),
  resourceType: type,
  identifier,
  ...more,
});

describe('the table of types', () => {
  it.each(GROUPING)('%s: identifier and code name it; one identifier on two codes is two', async (type, rest, one, other) => {
    const [number, identifier] = [nhsNumber(), [{ system: LAB, value: unique('n') }]];
    const first = await laboratory.post(thing(type, rest, number, identifier, one));
    const second = await laboratory.post(thing(type, rest, number, identifier, other), SAYING);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(addressIn(second)).not.toBe(addressIn(first));
    expect((await laboratory.post(thing(type, rest, number, identifier, one))).headers.etag).toBe('W/"1"');
  });

  it.each(SINGLE)(
    '%s: the identifier alone names it, though class, type or code are corrected',
    async (type, rest, one, other) => {
      const [number, identifier] = [nhsNumber(), [{ system: LAB, value: unique('n') }]];
      const first = await laboratory.post(thing(type, rest, number, identifier, one));
      const second = await laboratory.post(thing(type, rest, number, identifier, other));
      expect([first.status, second.status, addressIn(second)]).toEqual([201, 200, addressIn(first)]);
    },
  );
});

describe('which identifiers name', () => {
  const at = (value: string, more: object = {}) => ({ system: LAB, value, ...more });
  const same = async (one: object[], other: object[]) => {
    const number = nhsNumber();
    const stay = (identifier: object[]) =>
      thing('Encounter', (subject) => ({ status: 'in-progress', class: IMP, subject }), number, identifier, {});
    const [first, second] = [await laboratory.post(stay(one)), await laboratory.post(stay(other))];
    expect(first.status).toBe(201);
    return addressIn(first) === addressIn(second);
  };

  it.each<[string, (a: string, b: string) => [object[], object[]], boolean]>([
    [
      'the official ones, whatever others come and go',
      (a, b) => [[at(a, { use: 'official' }), at(b)], [at(a, { use: 'official' })]],
      true,
    ],
    ['all of the best rank together', (a, b) => [[at(a), at(b)], [at(a)]], false],
    [
      'in any order',
      (a, b) => [
        [at(a), at(b)],
        [at(b), at(a)],
      ],
      true,
    ],
    ['given twice', (a) => [[at(a)], [at(a), at(a)]], true],
    [
      'usual and no use are one rank',
      (a, b) => [
        [at(a, { use: 'usual' }), at(b)],
        [at(a), at(b, { use: 'usual' })],
      ],
      true,
    ],
    ['secondary ones only where there is no better', (a, b) => [[at(a), at(b, { use: 'secondary' })], [at(a)]], true],
    ['never temporary ones', (a) => [[at(a, { use: 'temp' })], [at(a, { use: 'temp' })]], false],
    ['never old ones', (a) => [[at(a, { use: 'old' })], [at(a, { use: 'old' })]], false],
    ['never one without a system', (a) => [[{ value: a }], [{ value: a }]], false],
    ['never a patient number', (a) => [[typed('MR', LAB, a)], [typed('MR', LAB, a)]], false],
    [
      'not where the text of system and value only joins alike',
      (a) => [[{ system: `urn:x`, value: `y|${a}` }], [{ system: 'urn:x|y', value: a }]],
      false,
    ],
  ])('%s', async (_case, make, expected) => {
    expect(await same(...make(unique('a'), unique('b')))).toBe(expected);
  });

  it('never an accession number on results: they are two, and each request makes them anew', async () => {
    const { number, of } = report();
    const identifier = [typed('ACSN', LAB, unique('acc'))];
    await laboratory.transaction(of(POTASSIUM, 6.9, { identifier }), of(POTASSIUM, 4.1, { identifier }));
    expect(await amountsOf(number)).toEqual([[6.9], [4.1]]);
    await laboratory.transaction(of(POTASSIUM, 6.9, { identifier }), of(POTASSIUM, 4.1, { identifier }));
    expect(await amountsOf(number)).toEqual([[6.9], [4.1]]);
  });

  it('the master identifier of a document alone', async () => {
    const [number, master] = [nhsNumber(), unique('master')];
    const letter = (value: string): Resource => ({
      resourceType: 'DocumentReference',
      status: 'current',
      masterIdentifier: { system: LAB, value: master },
      identifier: [{ system: LAB, value, use: 'official' }],
      subject: byNhs(number),
      content: [{ attachment: { title: value } }],
    });
    const [first, second] = [await laboratory.post(letter('1')), await laboratory.post(letter('2'))];
    expect([second.status, addressIn(second)]).toEqual([200, addressIn(first)]);
  });
});

describe('a POST whose identifier stands on another thing', () => {
  it('is told where, so that it can be corrected', async () => {
    const { of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const second = await laboratory.post(of(SODIUM, 6.9), SAYING);
    expect([second.status, noticesIn(second)]).toEqual([201, ['identifier-stands-elsewhere']]);
    expect(JSON.stringify(second.body)).toContain(addressIn(first));
    const bundle = await laboratory.transaction(of({ coding: [coding('2160-0')] }, 1));
    expect(noticesIn(bundle)).toEqual(['identifier-stands-elsewhere']);
    // Corrected as it says
    expect((await laboratory.delete(addressIn(first))).status).toBe(204);
  });

  it('is not told of what another organisation or nobody has, nor when it is only sent again', async () => {
    const { of, potassium } = report();
    await partners.partner('dch').post(potassium);
    const answers = [await laboratory.post(of(SODIUM, 1), SAYING), await laboratory.post(of(SODIUM, 1), SAYING)];
    expect(answers.flatMap(noticesIn)).toEqual([]);
  });

  it('may be stated otherwise at its address: a code is corrected by PUT of our id', async () => {
    const { number, of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const corrected = await laboratory.put(addressIn(first), { ...of(SODIUM, 6.9), id: addressIn(first).split('/')[1] });
    expect([corrected.status, addressIn(corrected)]).toEqual([200, addressIn(first)]);
    expect(await amountsOf(number)).toEqual([[6.9, 6.9]]);
  });
});

describe('two entries of one transaction with one name', () => {
  it('are one where they say the same, and both are answered', async () => {
    const { number, potassium } = report();
    const answer = await laboratory.transaction(potassium, potassium);
    expect(statusesIn(answer)).toEqual([201, 201]);
    const [one, two] = addressesIn(answer);
    expect(one).toBe(two);
    expect(await amountsOf(number)).toEqual([[6.9]]);
  });

  it('are refused where they say different things', async () => {
    const { number, of } = report();
    for (const entries of [
      [of(POTASSIUM, 6.9), of(POTASSIUM, 4.1)],
      [of(POTASSIUM, 6.9, { id: 'twice' }), of(SODIUM, 4.1, { id: 'twice' })],
    ]) {
      const answer = await laboratory.transaction(...entries);
      expect([answer.status, codesOf(answer)]).toEqual([400, ['duplicate-entry']]);
    }
    expect(await amountsOf(number)).toEqual([]);
  });

  it('are written one after the other in a batch', async () => {
    const { number, of } = report();
    const answer = await laboratory.batch(of(POTASSIUM, 6.9), of(POTASSIUM, 4.1));
    expect(statusesIn(answer)).toEqual([201, 200]);
    expect(await amountsOf(number)).toEqual([[6.9, 4.1]]);
  });
});
