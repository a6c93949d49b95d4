import { gzipSync } from 'node:zlib';
import { createFeed } from '../../../infra/demo/feed.ts';
import type { Answer, Partner } from '../actors/partner.ts';
import { byNumber, FAMILY, heartRate, NHS_NUMBER, type Numbered } from '../actors/people.ts';
import type { Written } from '../actors/record.ts';

/** Who is in the story: a hospital's patient who is registered with a practice, and somebody else whom the hospital knows. */
export interface Cast {
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

/** Sent by whom, what is answered, and where it says the problem is. */
export interface Case {
  readonly send: (cast: Cast) => Promise<Answer>;
  readonly status: number;
  readonly code: string;
  readonly expression?: string;
}

/** An observation that is sound but for what is made of it. */
export const ours = ({ unknown }: Cast, more: object = {}) => heartRate('bad', byNumber(unknown.nhsNumber), 72, more);
const text = (cast: Cast, more?: object) => JSON.stringify(ours(cast, more));
const gzipped = { 'content-encoding': 'gzip' };
export const bundleOf = (type: string, ...resources: readonly { readonly resourceType: string }[]) => ({
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

/** Everything bad that is sent. */
export const CASES = Object.entries({ ...BODIES, ...RESOURCES, ...RELATIONS, ...QUESTIONS });
