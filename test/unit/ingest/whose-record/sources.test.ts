import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FHIR_URL } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  numbered,
  type Partner,
  type Partners,
  personAt,
  personIn,
  postEntry,
  putEntry,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

const BASE = 'https://pas.uhd.example/fhir';
const NUMBERS = 'https://uhd.example/pas-numbers';

let partners: Partners;
let patientSystem: Partner;
let laboratory: Partner;
beforeAll(async () => {
  partners = await startPartners([
    { organisation: 'uhd', name: 'pas', base: BASE, patientIdentifiers: [NUMBERS] },
    { organisation: 'uhd', name: 'lab' },
  ]);
  [patientSystem, laboratory] = [partners.partner('uhd', 'pas'), partners.partner('uhd', 'lab')];
});
afterAll(() => partners.stop());

describe('two sources of one organisation', () => {
  it('that both put Patient/1 mean two people', async () => {
    const id = unique('1').replaceAll('-', '.');
    const ours = await patientSystem.put(`Patient/${id}`, somebody('Ada', [], { id }));
    const theirs = await laboratory.put(`Patient/${id}`, somebody('Ben', [], { id }));
    await patientSystem.post(allergy('penicillin', { reference: `Patient/${id}` }));
    await laboratory.post(allergy('latex', { reference: `Patient/${id}` }));
    expect([ours.status, theirs.status]).toEqual([201, 201]);
    expect(await partners.record(personIn(ours))).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Ada']);
    expect(await partners.record(personIn(theirs))).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Ben']);
  });

  it('that both put Observation/1 of one person mean two results', async () => {
    const [id, number] = [unique('o'), nhsNumber()];
    const ours = await patientSystem.put(`Observation/${id}`, result('weight', byNhs(number), { id }));
    const theirs = await laboratory.put(`Observation/${id}`, result('potassium', byNhs(number), { id }));
    expect([ours.status, theirs.status, addressIn(ours) === addressIn(theirs)]).toEqual([201, 201, false]);
    const again = await patientSystem.put(`Observation/${id}`, result('weight', byNhs(number), { id }));
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressIn(ours), ours.headers.etag]);
    await laboratory.put(`Observation/${id}`, result('potassium, corrected', byNhs(number), { id }));
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation potassium, corrected', 'uhd Observation weight']);
  });

  it('that use one identifier of a thing mean two things', async () => {
    const [value, number] = [unique('n'), nhsNumber()];
    const identifier = [{ system: 'urn:uhd:numbers', value }];
    for (const source of [patientSystem, laboratory]) await source.post(result('weight', byNhs(number), { identifier }));
    expect(await partners.record(numbered(number))).toHaveLength(2);
  });

  it('that both know a patient number mean one person, each with its own Patient', async () => {
    const number = unique('M');
    const ours = await patientSystem.post(somebody('Ada', [mr(number)]));
    const theirs = await laboratory.post(somebody('Ada, by the laboratory', [mr(number)]));
    expect([theirs.status, personIn(theirs)]).toEqual([201, personIn(ours)]);
    expect(addressIn(theirs)).not.toBe(addressIn(ours));
    expect(personIn(await laboratory.post(result('potassium', byMr(number))))).toBe(personIn(ours));
    expect(await partners.record(personIn(ours))).toEqual([
      'uhd Observation potassium',
      'uhd Patient Ada',
      'uhd Patient Ada, by the laboratory',
    ]);
  });

  it('resolve a reference by id each to its own', async () => {
    const [id, number] = [unique('e'), nhsNumber()];
    const encounter = (source: Partner, text: string) =>
      source.put(`Encounter/${id}`, {
        resourceType: 'Encounter',
        id,
        status: 'finished',
        class: { code: 'IMP', display: text },
        subject: byNhs(number),
      });
    const [ours, theirs] = [await encounter(patientSystem, 'stay'), await encounter(laboratory, 'visit')];
    for (const [source, stay] of [
      [patientSystem, ours],
      [laboratory, theirs],
    ] as const) {
      const answer = await source.post(result('weight', byNhs(number), { encounter: { reference: `Encounter/${id}` } }));
      expect(answer.body.encounter.reference).toBe(addressIn(stay));
    }
  });

  it('do not find each other’s things by id', async () => {
    const [id, number] = [unique('e'), nhsNumber()];
    await patientSystem.put(`Observation/${id}`, result('weight', byNhs(number), { id }));
    const answer = await laboratory.post(result('sum', byNhs(number), { derivedFrom: [{ reference: `Observation/${id}` }] }));
    expect(answer.body.derivedFrom[0].reference).toBeUndefined();
    expect((await laboratory.delete(`Observation/${id}`)).status).not.toBe(204);
    expect(await partners.record(numbered(number))).toContain('uhd Observation weight');
  });

  it('retract what is theirs alone', async () => {
    const id = unique('p');
    const ours = await patientSystem.put(`Patient/${id}`, somebody('Ada', [], { id }));
    const theirs = await laboratory.put(`Patient/${id}`, somebody('Ben', [], { id }));
    expect((await laboratory.delete(`Patient/${id}`)).status).toBe(204);
    expect(await partners.record(personIn(ours))).toEqual(['uhd Patient Ada']);
    expect(await partners.record(personIn(theirs))).toEqual([]);
  });

  it('make no link of each other’s Patients by id', async () => {
    const [a, b] = [unique('a'), unique('b')];
    const ours = await patientSystem.put(`Patient/${a}`, somebody('Ada', [], { id: a }));
    const theirs = await laboratory.put(
      `Patient/${b}`,
      somebody('Ben', [], { id: b, link: [{ other: { reference: `Patient/${a}` }, type: 'replaces' }] }),
    );
    expect(await partners.linked(personIn(ours))).toEqual([personIn(ours)]);
    expect(await partners.linked(personIn(theirs))).toEqual([personIn(theirs)]);
  });
});

describe('a system that the settings declare for the patients of a source', () => {
  it('names them, untyped, for the whole organisation', async () => {
    const value = unique('N');
    const identifier = [{ system: NUMBERS, value }];
    const ours = await patientSystem.post(somebody('Ada', identifier));
    const again = await patientSystem.post(somebody('Ada Two', identifier));
    expect([again.status, addressIn(again)]).toEqual([200, addressIn(ours)]);
    const theirs = await laboratory.post(result('potassium', { type: 'Patient', identifier: identifier[0] }));
    expect(personIn(theirs)).toBe(personIn(ours));
  });

  it('names nobody in another organisation, nor where it is temporary or superseded', async () => {
    const value = unique('N');
    const ours = await patientSystem.post(somebody('Ada', [{ system: NUMBERS, value }]));
    const theirs = await partners.partner('dch').post(somebody('Ben', [{ system: NUMBERS, value }]));
    const temporary = await patientSystem.post(somebody('Cem', [{ system: NUMBERS, value, use: 'temp' }]));
    const superseded = await patientSystem.post(somebody('Dot', [{ system: NUMBERS, value, use: 'old' }]));
    expect(new Set([ours, theirs, temporary, superseded].map(personIn)).size).toBe(4);
  });

  it('names nobody for a source that does not declare it', async () => {
    const value = unique('N');
    const ours = await patientSystem.post(somebody('Ada', [{ system: NUMBERS, value }]));
    const theirs = await laboratory.post(somebody('Ben', [{ system: NUMBERS, value }]));
    expect(personIn(theirs)).not.toBe(personIn(ours));
  });
});

/** `Type/id` under a base, as a bundle says it. */
const at = (base: string, type: string, id: string) => `${base}/${type}/${id}`;

describe('the base of an id', () => {
  const OTHER = 'https://old-pas.uhd.example/fhir';

  it('is no part of the name where it is the declared one, this server, or absent', async () => {
    const id = unique('p');
    const patient = somebody('Ada', [], { id });
    const first = await patientSystem.put(`Patient/${id}`, patient);
    for (const fullUrl of [undefined, at(BASE, 'Patient', id), at(FHIR_URL, 'Patient', id)]) {
      const posted = await patientSystem.transaction(postEntry(patient, fullUrl));
      const put = await patientSystem.batch(putEntry(patient, fullUrl));
      for (const answer of [posted, put]) {
        expect(statusesIn(answer)).toEqual([200]);
        expect(addressesIn(answer)).toEqual([addressIn(first)]);
      }
    }
  });

  it('is part of the name where it is another: two people, two results', async () => {
    const id = unique('p');
    const answers = [
      await patientSystem.transaction(postEntry(somebody('Ada', [], { id }), at(BASE, 'Patient', id))),
      await patientSystem.transaction(postEntry(somebody('Ben', [], { id }), at(OTHER, 'Patient', id))),
      await patientSystem.transaction(postEntry(somebody('Cem', [], { id }), at('https://third.example/r4', 'Patient', id))),
      await patientSystem.transaction(postEntry(somebody('Dot', [], { id }), at(`${BASE}/v2`, 'Patient', id))),
    ];
    const persons = answers.map((answer) => personAt(addressesIn(answer)[0]!));
    expect(new Set(persons).size).toBe(4);
    expect(await Promise.all(persons.map(partners.record))).toEqual(
      ['Ada', 'Ben', 'Cem', 'Dot'].map((family) => [`uhd Patient ${family}`]),
    );
  });

  it('of an entry without an id of its own is that of its fullUrl', async () => {
    const [id, number] = [unique('o'), nhsNumber()];
    const send = (base: string, text: string) =>
      patientSystem.transaction(postEntry(result(text, byNhs(number)), at(base, 'Observation', id)));
    const first = await send(BASE, 'weight');
    const other = await send(OTHER, 'height');
    expect(addressesIn(await send(BASE, 'weight, corrected'))).toEqual(addressesIn(first));
    expect(addressesIn(other)).not.toEqual(addressesIn(first));
    const put = await patientSystem.put(`Observation/${id}`, result('weight, put', byNhs(number), { id }));
    expect(addressIn(put)).toBe(addressesIn(first)[0]);
    expect(await partners.record(numbered(number))).toEqual(['uhd Observation height', 'uhd Observation weight, put']);
  });

  it('is another one for a source that declares none', async () => {
    const id = unique('p');
    const bare = await laboratory.put(`Patient/${id}`, somebody('Ada', [], { id }));
    const based = await laboratory.transaction(postEntry(somebody('Ben', [], { id }), at(BASE, 'Patient', id)));
    expect(personAt(addressesIn(based)[0]!)).not.toBe(personIn(bare));
  });

  it('leads an absolute reference to what has it, and a relative one to what has the base of its entry', async () => {
    const id = unique('p');
    const ada = await patientSystem.transaction(postEntry(somebody('Ada', [], { id }), at(BASE, 'Patient', id)));
    const ben = await patientSystem.transaction(postEntry(somebody('Ben', [], { id }), at(OTHER, 'Patient', id)));
    const persons = [ada, ben].map((answer) => personAt(addressesIn(answer)[0]!));
    const absolute = await patientSystem.post(allergy('absolute', { reference: at(OTHER, 'Patient', id) }));
    const declared = await patientSystem.post(allergy('declared', { reference: at(BASE, 'Patient', id) }));
    const relative = await patientSystem.transaction(
      postEntry(allergy('relative', { reference: `Patient/${id}` }), at(OTHER, 'AllergyIntolerance', unique('a'))),
    );
    const bare = await patientSystem.post(allergy('bare', { reference: `Patient/${id}` }));
    expect([personIn(absolute), personIn(declared), personAt(addressesIn(relative)[0]!), personIn(bare)]).toEqual([
      persons[1],
      persons[0],
      persons[1],
      persons[0],
    ]);
  });

  it('does not hide that two bases mean one patient who has a patient number', async () => {
    const [id, number] = [unique('p'), unique('M')];
    const first = await patientSystem.transaction(postEntry(somebody('Ada', [mr(number)], { id }), at(BASE, 'Patient', id)));
    const moved = await patientSystem.transaction(postEntry(somebody('Ada', [mr(number)], { id }), at(OTHER, 'Patient', id)));
    expect(personAt(addressesIn(moved)[0]!)).toBe(personAt(addressesIn(first)[0]!));
  });
});

it('two organisations that both put Patient/1 and Observation/1 mean two of each', async () => {
  const [id, number] = ['1', nhsNumber()];
  const answers = [];
  for (const organisation of ['uhd', 'dch', 'surgery']) {
    const partner = partners.partner(organisation);
    answers.push(await partner.put(`Patient/${id}`, somebody(organisation, [nhs(number)], { id })));
    answers.push(await partner.put(`Observation/${id}`, result(organisation, byNhs(number), { id })));
  }
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
  expect(await partners.record(numbered(number))).toHaveLength(6);
});
