import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Answer, type Partner, signIn } from './partner.ts';
import { byNumber, FAMILY, GIVEN, heartRate, NHS_NUMBER, type Numbered, PRACTICES, peopleOf } from './people.ts';
import { codesOf, create, linkTo, push, type Written } from './record.ts';

const somebody = peopleOf('bad-input');
const demo = inject('demo');

/** Who is in the story: a hospital's patient who is registered with a practice, and somebody else whom the hospital knows. */
interface Cast {
  readonly hospital: Partner;
  readonly practice: Partner;
  readonly person: Numbered;
  readonly patient: Written;
  readonly observation: Written;
  readonly other: Numbered;
  readonly othersEncounter: Written;
  /** Somebody whom nobody has told of: bad input is about them, so that anything that was written would make them known. */
  readonly unknown: Numbered;
}

let cast: Cast;
let recordBefore: string;

const wholeRecord = async ({ hospital, patient }: Cast): Promise<string> => {
  const answer = await hospital.get(`Patient/${patient.personId}/$everything`);
  expect(answer.status).toBe(200);
  return JSON.stringify(answer.json.entry);
};

beforeAll(async () => {
  const [hospital, practice] = (await Promise.all(['uhd', 'ammonite'].map((each) => signIn(demo, each)))) as [Partner, Partner];
  const person = somebody({ practice: PRACTICES.ammonite });
  const feed = createFeed('uhd', person);
  tell.measurement(feed, { text: 'Body weight' }, 61.5, 'kg', '2026-11-02');
  const [patient, observation] = (await push(hospital, feed.push())) as [Written, Written];
  const other = somebody();
  const about = createFeed('uhd', other);
  tell.encounter(about, 'inpatient', { text: 'Asthma' }, { start: '2026-11-01T10:00:00Z' });
  const [, othersEncounter] = (await push(hospital, about.push())) as [Written, Written];
  cast = { hospital, practice, person, patient, observation, other, othersEncounter, unknown: somebody() };
  recordBefore = await wholeRecord(cast);
});

/** Sent by whom, what is answered, and where it says the problem is. */
interface Case {
  readonly send: (cast: Cast) => Promise<Answer>;
  readonly status: number;
  readonly code: string;
  readonly expression?: string;
}

const ours = ({ unknown }: Cast, more: object = {}) => heartRate('bad', byNumber(unknown.nhsNumber), 72, more);
const text = (cast: Cast, more?: object) => JSON.stringify(ours(cast, more));
const gzipped = { 'content-encoding': 'gzip' };
const bundleOf = (type: string, ...resources: readonly { readonly resourceType: string }[]) => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource) => ({ request: { method: 'POST', url: resource.resourceType }, resource })),
});

const BODIES: Readonly<Record<string, Case>> = {
  'text that is no JSON': {
    send: (cast) => cast.hospital.post('Observation', text(cast).slice(0, -1)),
    status: 400,
    code: 'not-json',
  },
  'bytes that are no UTF-8': {
    send: (cast) => cast.hospital.post('Observation', Buffer.from(text(cast).replace('Heart', 'H\xeart'), 'latin1')),
    status: 400,
    code: 'not-json',
  },
  'no body': { send: ({ hospital }) => hospital.send('POST', 'Observation'), status: 400, code: 'body-required' },
  'XML, and is told so': {
    send: ({ hospital }) => hospital.post('Observation', '<Observation/>', { 'content-type': 'application/fhir+xml' }),
    status: 415,
    code: 'media-type',
  },
  'gzip that was cut off': {
    send: (cast) => cast.hospital.post('Observation', gzipSync(text(cast)).subarray(0, -12), gzipped),
    status: 400,
    code: 'bad-compression',
  },
  'gzip that is none': {
    send: (cast) => cast.hospital.post('Observation', text(cast), gzipped),
    status: 400,
    code: 'bad-compression',
  },
  'a gzip bomb': {
    send: ({ hospital }) => hospital.post('', gzipSync(Buffer.alloc(200_000_000, ' ')), gzipped),
    status: 413,
    code: 'too-large',
  },
  '20 MB at once': {
    send: (cast) => cast.hospital.post('Observation', text(cast, { note: [{ text: 'x'.repeat(20_000_000) }] })),
    status: 413,
    code: 'too-large',
  },
  'arrays 50,000 deep': {
    send: ({ hospital }) => hospital.post('Observation', '['.repeat(50_000) + ']'.repeat(50_000)),
    status: 400,
    code: 'too-deep',
  },
  'elements 50,000 deep': {
    send: ({ hospital }) =>
      hospital.post(
        'Observation',
        `{"resourceType":"Observation"${',"extension":[{"url":"urn:x"'.repeat(50_000)}${'}]'.repeat(50_000)}}`,
      ),
    status: 400,
    code: 'too-deep',
  },
  'a __proto__ that would lend it what it lacks': {
    send: (cast) => {
      const { status: _lacking, ...rest } = ours(cast);
      return cast.hospital.post('Observation', JSON.stringify(rest).replace('{', '{"__proto__":{"status":"final"},'));
    },
    status: 400,
    code: 'unknown-element',
    expression: 'Observation',
  },
  'half a surrogate pair': {
    send: (cast) => cast.hospital.post('Observation', text(cast, { note: [{ text: 'half \ud83d' }] })),
    status: 400,
    code: 'bad-text',
  },
  'half a surrogate pair as the name of an element': {
    send: (cast) => cast.hospital.post('Observation', text(cast, { 'half \ud83d': 1 })),
    status: 400,
    code: 'bad-text',
  },
};

const RESOURCES: Readonly<Record<string, Case>> = {
  'a type that FHIR does not have': {
    send: (cast) => cast.hospital.post('Obversation', { ...ours(cast), resourceType: 'Obversation' }),
    status: 404,
    code: 'unknown-type',
  },
  'a type that FHIR does not have, in a bundle': {
    send: (cast) => cast.hospital.post('', bundleOf('transaction', ours(cast), { resourceType: 'Obversation' })),
    status: 404,
    code: 'unknown-type',
  },
  'another type than the address names': {
    send: (cast) => cast.hospital.post('Condition', ours(cast)),
    status: 400,
    code: 'type-mismatch',
  },
  'another id than the address names': {
    send: (cast) =>
      cast.hospital.put(`Observation/${cast.observation.id}`, {
        ...heartRate('bad', byNumber(cast.person.nhsNumber)),
        id: cast.observation.id.replace(/.$/, '0'),
      }),
    status: 400,
    code: 'type-mismatch',
  },
  'an id that cannot be one': {
    send: (cast) => cast.hospital.put('Observation/under_score', ours(cast, { id: 'under_score' })),
    status: 400,
    code: 'bad-id',
  },
  'a field that FHIR does not have': {
    send: (cast) => cast.hospital.post('Observation', ours(cast, { colour: 'red' })),
    status: 400,
    code: 'unknown-element',
    expression: 'Observation.colour',
  },
  'an impossible day': {
    send: (cast) => cast.hospital.post('Observation', ours(cast, { effectiveDateTime: '2026-02-30' })),
    status: 400,
    code: 'bad-value',
    expression: 'Observation.effectiveDateTime',
  },
  'an NHS number with a wrong check digit, as an identifier': {
    send: ({ hospital }) =>
      hospital.post('Patient', {
        resourceType: 'Patient',
        identifier: [{ system: NHS_NUMBER, value: '9990000000' }],
        name: [{ family: FAMILY }],
      }),
    status: 400,
    code: 'bad-nhs-number',
    expression: 'Patient.identifier[0].value',
  },
  'an NHS number with a wrong check digit, as the subject': {
    send: ({ hospital }) => hospital.post('Observation', heartRate('bad', byNumber('9990000000'))),
    status: 400,
    code: 'bad-nhs-number',
    expression: 'Observation.subject.identifier.value',
  },
  'a collection, which is nothing to act on': {
    send: (cast) => cast.hospital.post('', bundleOf('collection', ours(cast))),
    status: 400,
    code: 'bad-bundle',
  },
};

const RELATIONS: Readonly<Record<string, Case>> = {
  'a subject whose id is nobody’s': {
    send: ({ hospital, patient }) =>
      hospital.post('Observation', heartRate('bad', { reference: `Patient/${patient.personId.replace(/^..../, 'aaaa')}` })),
    status: 422,
    code: 'unknown-subject',
    expression: 'Observation.subject',
  },
  'a subject by a number of its own that it has never told of': {
    send: ({ hospital }) =>
      hospital.post(
        'Observation',
        heartRate('bad', { type: 'Patient', identifier: { system: 'https://uhd.example/mrn', value: 'none' } }),
      ),
    status: 422,
    code: 'unknown-subject',
    expression: 'Observation.subject',
  },
  'no subject at all': {
    send: (cast) => cast.hospital.post('Observation', ours(cast, { subject: undefined })),
    status: 422,
    code: 'no-subject',
  },
  'two people in one fragment': {
    send: ({ hospital, person, unknown }) =>
      hospital.post('Appointment', {
        resourceType: 'Appointment',
        status: 'proposed',
        participant: [person, unknown].map(({ nhsNumber }) => ({ actor: byNumber(nhsNumber), status: 'accepted' })),
      }),
    status: 422,
    code: 'several-subjects',
    expression: 'Appointment.participant[1].actor',
  },
  'a subject that is one person by its reference and another by the number beside it': {
    send: ({ hospital, person, unknown }) => {
      const feed = createFeed('uhd', person);
      feed.add(heartRate('bad', { ...byNumber(unknown.nhsNumber), ...feed.patient }));
      return hospital.post('', feed.push().bundle);
    },
    status: 422,
    code: 'several-subjects',
    expression: 'Bundle.entry[1].resource.subject',
  },
  'a reference to a fragment of somebody else': {
    send: (cast) =>
      cast.hospital.post('Observation', ours(cast, { encounter: { reference: `Encounter/${cast.othersEncounter.id}` } })),
    status: 422,
    code: 'foreign-reference',
    expression: 'Observation.encounter',
  },
  'a change of what another organisation contributed': {
    send: ({ practice, observation, person }) =>
      practice.put(`Observation/${observation.id}`, {
        ...heartRate('bad', byNumber(person.nhsNumber)),
        id: observation.id,
      }),
    status: 403,
    code: 'not-owner',
  },
  'a fragment that is to become somebody else’s': {
    send: ({ hospital, observation, unknown }) =>
      hospital.put(`Observation/${observation.id}`, {
        ...heartRate('bad', byNumber(unknown.nhsNumber)),
        id: observation.id,
      }),
    status: 422,
    code: 'immutable-element',
    expression: 'Observation.subject',
  },
  'a change on top of a version that is not the current one': {
    send: ({ hospital, observation, person }) =>
      hospital.put(
        `Observation/${observation.id}`,
        { ...heartRate('bad', byNumber(person.nhsNumber)), id: observation.id },
        { 'if-match': 'W/"7"' },
      ),
    status: 412,
    code: 'version-conflict',
  },
  'a retraction on top of a version that is not the current one': {
    send: ({ hospital, observation }) => hospital.delete(`Observation/${observation.id}`, { 'if-match': 'W/"7"' }),
    status: 412,
    code: 'version-conflict',
  },
  'a patch that does not apply': {
    send: ({ hospital, observation }) =>
      hospital.patch(`Observation/${observation.id}`, [
        { op: 'test', path: '/status', value: 'cancelled' },
        { op: 'replace', path: '/status', value: 'amended' },
      ]),
    status: 422,
    code: 'patch-failed',
  },
  'a patch that would leave it invalid': {
    send: ({ hospital, observation }) => hospital.patch(`Observation/${observation.id}`, [{ op: 'remove', path: '/status' }]),
    status: 400,
    code: 'required-element',
    expression: 'Observation.status',
  },
};

const QUESTIONS: Readonly<Record<string, Case>> = {
  'a search that names nobody': {
    send: ({ hospital }) => hospital.get('Observation?code=364075005'),
    status: 400,
    code: 'search-unbounded',
  },
  'a search for people by name': {
    send: ({ hospital }) => hospital.get(`Patient?family=${FAMILY}`),
    status: 400,
    code: 'search-unbounded',
  },
  'a value that cannot be read': {
    send: ({ hospital, patient }) => hospital.get(`Observation?patient=${patient.personId}&date=yesterday`),
    status: 400,
    code: 'bad-parameter',
  },
  'a parameter that is not known, under strict handling': {
    send: ({ hospital, patient }) =>
      hospital.get(`Observation?patient=${patient.personId}&colour=red`, { prefer: 'handling=strict' }),
    status: 400,
    code: 'unknown-parameter',
  },
  'an address that cannot be decoded': {
    send: ({ hospital }) => hospital.get('Observation/%E0%A4%A'),
    status: 400,
    code: 'bad-id',
  },
  'an NHS number in place of an id': {
    send: ({ hospital, person }) => hospital.get(`Patient/${person.nhsNumber}`),
    status: 404,
    code: 'not-found',
  },
  'XML as the answer': {
    send: ({ hospital, patient }) => hospital.get(`Patient/${patient.personId}`, { accept: 'application/fhir+xml' }),
    status: 406,
    code: 'not-acceptable',
  },
};

const ALL = Object.entries({ ...BODIES, ...RESOURCES, ...RELATIONS, ...QUESTIONS });

/** That a refusal helps whoever reads it, and tells nothing. */
function expectHelp(answer: Answer, { status, code, expression }: Omit<Case, 'send'>) {
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/fhir+json; charset=utf-8']);
  const { resourceType, issue } = answer.json as fhir4.OperationOutcome;
  expect(resourceType).toBe('OperationOutcome');
  expect(codesOf(answer)).toContain(code);
  const named = issue.find(({ details }) => details!.coding![0]!.code === code)!;
  expect(named).toMatchObject({ severity: 'error', details: { text: expect.stringMatching(/\w.*\.$/) } });
  if (expression !== undefined) expect(named.expression).toEqual([expression]);
}

/** What must never come back in a refusal, and never reach a log. */
const secretsOf = ({ hospital, practice, person, other, unknown }: Cast) => [
  FAMILY,
  GIVEN,
  ...[person, other, unknown].map(({ nhsNumber }) => nhsNumber),
  ...[hospital, practice].map(({ token }) => token.split('.')[2]!),
];

describe('bad input', () => {
  it.each(ALL)('%s: is refused with help, changes nothing, tells nothing', async (_name, { send, ...expected }) => {
    const answer = await send(cast);
    expectHelp(answer, expected);
    for (const secret of secretsOf(cast)) expect(answer.text + JSON.stringify(answer.headers)).not.toContain(secret);
    // Nothing was written: the record is as it was, and nobody has become known.
    expect(await wholeRecord(cast)).toBe(recordBefore);
    const search = new URLSearchParams({ identifier: `${NHS_NUMBER}|${cast.unknown.nhsNumber}` });
    expect((await cast.hospital.post('Patient/_search', search)).json.total).toBe(0);
  });

  it('names every problem of every entry of a transaction at once, and takes none of it', async () => {
    const { status: _lacking, ...lacking } = ours(cast);
    const answer = await cast.hospital.post(
      '',
      bundleOf('transaction', ours(cast), lacking, ours(cast, { status: 'wrong', effectiveDateTime: '2026-13-01' })),
    );
    expect(answer.status).toBe(400);
    expect((answer.json as fhir4.OperationOutcome).issue.map(({ expression }) => expression?.[0])).toEqual([
      'Bundle.entry[1].resource.status',
      'Bundle.entry[2].resource.status',
      'Bundle.entry[2].resource.effectiveDateTime',
    ]);
    expect(await wholeRecord(cast)).toBe(recordBefore);
  });

  it('a page address that was tampered with, or was given to somebody else, is refused', async () => {
    const first = await cast.hospital.get(`Patient/${cast.patient.personId}/$everything?_count=1`);
    const next = linkTo(first.json, 'next')!;
    const tampered = next.replace(/(.)(.{8})$/, (_all, one, rest) => (one === 'A' ? 'B' : 'A') + rest);
    for (const answer of [await cast.hospital.get(tampered), await cast.practice.get(next)])
      expectHelp(answer, { status: 400, code: 'bad-cursor' });
  });

  it('request ids come back, on refusals too', async () => {
    const ids = { 'x-request-id': '7f3a2b1c-0d4e-4f5a-8b6c-9d0e1f2a3b4c', 'x-correlation-id': 'ward-7' };
    for (const path of ['Observation?code=364075005', `Observation/${cast.observation.id}`])
      expect((await cast.hospital.get(path, ids)).headers).toMatchObject(ids);
    expect((await cast.hospital.get('Observation', { ...ids, authorization: 'Bearer none' })).headers).toMatchObject(ids);
  });
});

describe('after all of it', () => {
  it('the process is alive, and takes what is sound', async () => {
    const { pid } = JSON.parse(readFileSync(join(inject('dataDir'), 'runtime.json'), 'utf8')) as { pid: number };
    expect(process.kill(pid, 0)).toBe(true);
    const { unknown, hospital } = cast;
    const written = await create(hospital, heartRate('sound', byNumber(unknown.nhsNumber)));
    expect((await hospital.get(`Observation/${written.id}`)).status).toBe(200);
  });
});

afterAll(() => {
  // Then nothing that names anybody stands in a log of any part.
  const folder = join(inject('dataDir'), 'logs');
  const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(logs.join('')).toContain('"answered"');
  for (const log of logs) {
    for (const secret of secretsOf(cast)) expect(log).not.toContain(secret);
    expect(log).not.toMatch(/\b999\d{7}\b/);
    expect(log).not.toMatch(/eyJ[\w-]+\.eyJ/);
  }
});
