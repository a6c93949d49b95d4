import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Answer, type Partner, signIn } from './actors/partner.ts';
import { byNumber, FAMILY, heartRate, NHS_NUMBER, type Numbered, PRACTICES, peopleOf } from './actors/people.ts';
import { codesOf, create, idsOf, push, type Written } from './actors/record.ts';

const somebody = peopleOf('two-partners');
let hospital: Partner;
let practice: Partner;
let stranger: Partner;

/** Somebody whom the hospital treats and who is registered with the practice: what the hospital pushed of them. */
let person: Numbered;
let personId: string;
let patient: Written;
let observation: Written;
let encounter: Written;

beforeAll(async () => {
  const demo = inject('demo');
  [hospital, practice, stranger] = (await Promise.all(['uhd', 'ammonite', 'dch'].map((each) => signIn(demo, each)))) as [
    Partner,
    Partner,
    Partner,
  ];
  person = somebody({ practice: PRACTICES.ammonite });
  const feed = createFeed('uhd', person);
  tell.encounter(feed, 'inpatient', { text: 'Hip fracture' }, { start: '2026-11-01T10:00:00Z' });
  tell.measurement(feed, { text: 'Body weight' }, 61.5, 'kg', '2026-11-02');
  [patient, encounter, observation] = (await push(hospital, feed.push())) as [Written, Written, Written];
  personId = patient.personId;
});

describe('a practice whose patient the hospital has treated', () => {
  it('reads what the hospital pushed, before it has pushed anything itself', async () => {
    const read = await practice.get(`Observation/${observation.id}`);
    expect([read.status, read.json.valueQuantity.value]).toEqual([200, 61.5]);
    expect((await practice.get(`Patient/${personId}/$everything`)).json).toMatchObject({ total: 4 });
    const found = await practice.post(
      'Patient/_search',
      new URLSearchParams({ identifier: `${NHS_NUMBER}|${person.nhsNumber.replace(/(...)(...)/, '$1 $2 ')}` }),
    );
    expect(idsOf(found.json)).toEqual([`Patient/${personId}`]);
  });

  it('adds what it knows to the same record, which the hospital reads in turn', async () => {
    const feed = createFeed('ammonite', person);
    tell.allergy(feed, { text: 'Latex' });
    const [, allergy] = await push(practice, feed.push());
    expect(allergy!.personId).toBe(personId);
    const found = await hospital.get(`AllergyIntolerance?patient=${personId}`);
    expect(idsOf(found.json)).toEqual([`AllergyIntolerance/${allergy!.id}`]);
  });

  it('cannot change what the hospital contributed, and is told so', async () => {
    const { json } = await practice.get(`Observation/${observation.id}`);
    const refusals = [
      await practice.put(`Observation/${observation.id}`, json),
      await practice.patch(`Observation/${observation.id}`, [{ op: 'replace', path: '/status', value: 'amended' }]),
      await practice.delete(`Observation/${observation.id}`),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(refusals.map(codesOf)).toEqual([['not-owner'], ['not-owner'], ['not-owner']]);
    expect((await hospital.get(`Observation/${observation.id}`)).json.meta.versionId).toBe('1');
  });
});

/** An id of the shape of ours that stands for nobody: as good as any that a stranger would make up. */
const elsewhere = (id: string) => {
  const [subject = '', fragment] = id.split('.');
  const other = subject.startsWith('aaaa') ? `bbbb${subject.slice(4)}` : `aaaa${subject.slice(4)}`;
  return fragment === undefined ? other : `${other}.${fragment}`;
};

/** What an answer says, apart from what differs between any two requests. */
function said({ status, headers, text }: Answer) {
  const forgetIds = (value: string) => value.replaceAll(/[a-z2-7]{26}/g, '<person>');
  const {
    date: _date,
    'x-request-id': _request,
    'x-amzn-requestid': _gateway,
    'content-length': _length,
    ...rest
  } = headers as Record<string, string>;
  const body = forgetIds(text).replaceAll(/"(timestamp|lastUpdated)":"[^"]+"/g, '"$1":"<now>"');
  return { status, headers: forgetIds(JSON.stringify(rest)), body };
}

/** Every door at which somebody can be asked for by an id. `fragment` stands for an Observation's, `stay` for an Encounter's, `own` for a Patient's. */
interface Ids {
  readonly person: string;
  readonly own: string;
  readonly fragment: string;
  readonly stay: string;
}
type Door = (ids: Ids, partner: Partner) => Promise<Answer>;

const DOORS: Readonly<Record<string, Door>> = {
  'a read of the person': ({ person: id }, partner) => partner.get(`Patient/${id}`),
  'a read of a contributor’s Patient': ({ own }, partner) => partner.get(`Patient/${own}`),
  'a read of a fragment': ({ fragment }, partner) => partner.get(`Observation/${fragment}`),
  'a read with an ETag that would match': ({ fragment }, partner) =>
    partner.get(`Observation/${fragment}`, { 'if-none-match': 'W/"1"' }),
  'a read of a fragment as another type': ({ fragment }, partner) => partner.get(`Condition/${fragment}`),
  HEAD: ({ fragment }, partner) => partner.send('HEAD', `Observation/${fragment}`),
  'a version': ({ fragment }, partner) => partner.get(`Observation/${fragment}/_history/1`),
  'a version of the person': ({ person: id }, partner) => partner.get(`Patient/${id}/_history/1`),
  'a history': ({ fragment }, partner) => partner.get(`Observation/${fragment}/_history`),
  'the history of the person': ({ person: id }, partner) => partner.get(`Patient/${id}/_history`),
  $everything: ({ person: id }, partner) => partner.get(`Patient/${id}/$everything`),
  '$everything by a contributor’s Patient': ({ own }, partner) => partner.get(`Patient/${own}/$everything`),
  '$everything at a sequence': ({ person: id }, partner) => partner.get(`Patient/${id}/$everything?_at=1`),
  '$everything at an instant': ({ person: id }, partner) =>
    partner.get(`Patient/${id}/$everything?_at=${new Date().toISOString()}`),
  'a search': ({ person: id }, partner) => partner.get(`Observation?patient=${id}`),
  'a search in the compartment': ({ person: id }, partner) => partner.get(`Patient/${id}/Observation`),
  'a search by subject': ({ own }, partner) => partner.get(`Observation?subject=Patient/${own}`),
  'a search by fragment id': ({ fragment }, partner) => partner.get(`Observation?_id=${fragment}`),
  'a search by encounter': ({ stay }, partner) => partner.get(`Observation?encounter=Encounter/${stay}`),
  'a search by a form': ({ person: id }, partner) => partner.post('Observation/_search', new URLSearchParams({ patient: id })),
  'a search for the Patient': ({ person: id }, partner) => partner.get(`Patient?_id=${id}`),
  'the total alone': ({ person: id }, partner) => partner.get(`Observation?patient=${id}&_summary=count`),
  'a total of nothing shown': ({ person: id }, partner) => partner.get(`Observation?patient=${id}&_count=0&_total=accurate`),
  'an include': ({ person: id }, partner) =>
    partner.get(`Observation?patient=${id}&_include=Observation:subject&_include=Observation:encounter`),
  'a reverse include': ({ person: id }, partner) => partner.get(`Patient?_id=${id}&_revinclude=Observation:subject`),
  'a reverse chain': ({ person: id }, partner) => partner.get(`Patient?_id=${id}&_has:Observation:patient:status=final`),
  'an update': ({ fragment }, partner) =>
    partner.put(`Observation/${fragment}`, {
      ...heartRate('door', { reference: `Patient/${fragment.split('.')[0]}` }),
      id: fragment,
    }),
  'an update on a version': ({ fragment }, partner) =>
    partner.put(
      `Observation/${fragment}`,
      { ...heartRate('door', { reference: `Patient/${fragment.split('.')[0]}` }), id: fragment },
      { 'if-match': 'W/"7"' },
    ),
  'a patch': ({ fragment }, partner) =>
    partner.patch(`Observation/${fragment}`, [{ op: 'replace', path: '/status', value: 'amended' }]),
  'a deletion': ({ fragment }, partner) => partner.delete(`Observation/${fragment}`),
  'a deletion of the person': ({ person: id }, partner) => partner.delete(`Patient/${id}`),
  'an update of the person': ({ person: id }, partner) =>
    partner.put(`Patient/${id}`, { resourceType: 'Patient', id, name: [{ family: FAMILY }] }),
  'a conditional create': ({ person: id }, partner) =>
    partner.post('Observation', heartRate('door', { reference: `Patient/${id}` }), {
      'if-none-exist': 'identifier=https://demo.chesil.example/uhd/observation|any',
    }),
  'a conditional update': ({ person: id }, partner) =>
    partner.put(
      `Observation?identifier=https://ward.example/observations|door&patient=Patient/${id}`,
      heartRate('door', { reference: `Patient/${id}` }),
    ),
  'a conditional deletion': ({ person: id }, partner) =>
    partner.delete(`Observation?identifier=https://ward.example/observations|door&patient=Patient/${id}`),
  'a fragment about the person': ({ person: id }, partner) =>
    partner.post('Observation', heartRate('door', { reference: `Patient/${id}` })),
  'a fragment about a contributor’s Patient': ({ own }, partner) =>
    partner.post('Observation', heartRate('door', { reference: `Patient/${own}` })),
  'an entry of a batch': ({ fragment }, partner) =>
    partner.post('', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'DELETE', url: `Observation/${fragment}` } }],
    }),
};

describe('a stranger', () => {
  it.each(Object.entries(DOORS))('is told at %s what it is told of nobody at all', async (_name, door) => {
    const there: Ids = { person: personId, own: patient.id, fragment: observation.id, stay: encounter.id };
    const nobody: Ids = {
      person: elsewhere(there.person),
      own: elsewhere(there.own),
      fragment: elsewhere(there.fragment),
      stay: elsewhere(there.stay),
    };
    const answer = said(await door(there, stranger));
    expect(answer).toEqual(said(await door(nobody, stranger)));
    // An empty search, or a refusal.
    if (answer.status === 200) expect(answer.body).toMatch(/"total":0|"status":"404/);
    else expect(answer.status).toBeGreaterThanOrEqual(400);
    for (const secret of [FAMILY, person.nhsNumber, '61.5']) expect(answer.body + answer.headers).not.toContain(secret);
  });

  it('finds nobody by an NHS number, whether or not somebody goes by it', async () => {
    const search = async ({ nhsNumber }: Numbered, path: string, name: string) =>
      said(await stranger.post(path, new URLSearchParams({ [name]: `${NHS_NUMBER}|${nhsNumber}` })));
    for (const [path, name] of [
      ['Patient/_search', 'identifier'],
      ['Observation/_search', 'patient.identifier'],
      ['Observation/_search', 'subject:identifier'],
    ] as const)
      expect(await search(person, path, name)).toEqual(await search(somebody(), path, name));
  });

  it('leaves no trace in the record by all of this', async () => {
    expect((await hospital.get(`Patient/${personId}/$everything?_type=Observation,Encounter`)).json).toMatchObject({ total: 2 });
    expect((await hospital.get(`Observation/${observation.id}`)).json.meta.versionId).toBe('1');
  });

  it('sees the record from the moment at which it cares for the person itself', async () => {
    // Given that it holds the number, as those who treat somebody do
    await create(stranger, heartRate('care', byNumber(person.nhsNumber)));
    // Then it is a stranger no more
    expect((await stranger.get(`Observation/${observation.id}`)).status).toBe(200);
  });
});

describe('what is kept to its source', () => {
  it('is shown to the source alone, and told to nobody else that it exists', async () => {
    // Given a flag that the hospital labelled restricted, and one that it did not
    const feed = createFeed('uhd', somebody({ practice: PRACTICES.ammonite }));
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
    tell.flag(feed, { text: 'Kept to the source' }, '2026-01-01', label);
    tell.flag(feed, { text: 'For everybody' }, '2026-01-01');
    const [first, kept, open] = (await push(hospital, feed.push())) as [Written, Written, Written];
    // Then the hospital finds both, the practice one
    const flags = `Flag?patient=${first.personId}`;
    expect((await hospital.get(flags)).json.total).toBe(2);
    const found = await practice.get(flags);
    expect([found.json.total, idsOf(found.json)]).toEqual([1, [`Flag/${open.id}`]]);
    const missing = { status: 404, text: (await practice.get(`Flag/${elsewhere(kept.id)}`)).text };
    for (const path of [`Flag/${kept.id}`, `Flag/${kept.id}/_history`, `Flag/${kept.id}/_history/1`])
      expect(await practice.get(path)).toMatchObject(missing);
  });
});
