import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { type Answer, type Partner, signIn } from '../actors/partner.ts';
import { byNumber, FAMILY, GIVEN, heartRate, NHS_NUMBER, PRACTICES, peopleOf } from '../actors/people.ts';
import { codesOf, create, linkTo, push, type Written } from '../actors/record.ts';
import { bundleOf, CASES, type Case, type Cast, ours } from './cases.ts';

const somebody = peopleOf('bad-input');
const demo = inject('demo');

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
  it.each(CASES)('%s: is refused with help, changes nothing, tells nothing', async (_name, { send, ...expected }) => {
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

  it('nothing that names anybody stands in a log of any part', () => {
    const folder = join(inject('dataDir'), 'logs');
    const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(logs.join('')).toContain('"answered"');
    for (const log of logs) {
      for (const secret of secretsOf(cast)) expect(log).not.toContain(secret);
      expect(log).not.toMatch(/\b999\d{7}\b/);
      expect(log).not.toMatch(/eyJ[\w-]+\.eyJ/);
    }
  });
});
