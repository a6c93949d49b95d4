import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { SETTLED_MS } from '../../functions/review/looking.ts';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import type { AccessEvent } from '../../shared/changes/access-events.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { FAMILY, GIVEN, PRACTICES, peopleOf } from './actors/people.ts';
import { privacyOffice, type Subscriber } from './actors/queue.ts';
import { push } from './actors/record.ts';
import { signInStaff } from './actors/staff.ts';

const somebody = peopleOf('break-glass');
const demo = inject('demo');
const dataDir = inject('dataDir');

let elsewhere: Partner;
let clinician: Partner;
let clerk: Partner;
let officer: Partner;
let lead: Partner;
const offices = { own: privacyOffice(demo, 'uhd'), lead: privacyOffice(demo, 'dorset-icb'), other: privacyOffice(demo, 'hhft') };

beforeAll(async () => {
  elsewhere = await signIn(demo, 'hhft');
  clinician = await signInStaff(demo, 'uhd', 'clinician');
  clerk = await signInStaff(demo, 'uhd', 'clerical');
  officer = await signInStaff(demo, 'uhd', 'privacy-officer');
  lead = await signInStaff(demo, 'dorset-icb', 'privacy-officer');
});
afterAll(() => {
  for (const office of Object.values(offices)) office.close();
});

/** Somebody whom only a hospital across the border knows. */
async function unknownHere(): Promise<string> {
  const feed = createFeed('hhft', somebody({ practice: PRACTICES['golden-cap'] }));
  tell.allergy(feed, { text: 'Penicillin' });
  return (await push(elsewhere, feed.push()))[0]!.personId;
}

const parameters = (values: Readonly<Record<string, string | number>>) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).map(([name, value]) =>
    typeof value === 'number' ? { name, valueDecimal: value } : { name, valueString: value },
  ),
});
const EMERGENCY = { 'reason-code': 'emergency', reason: 'Unconscious in the emergency department.' };
const CLAIM = { 'reason-code': 'in-my-care', reason: 'Came to the ward an hour ago.' };

/** What an office hears about the tasks of a queue; each event once. */
async function hears(office: Subscriber<AccessEvent>, task: string): Promise<AccessEvent> {
  const isIt = ({ dataref }: AccessEvent) => dataref.endsWith(`/Task/${task}`);
  await office.listen((heard) => heard.some(isIt));
  return office.heard.find(isIt)!;
}

/** The task about a person in somebody's queue. */
async function taskAbout(personId: string, by = officer): Promise<fhir4.Task> {
  const { json } = await by.get('$review-queue?_count=100');
  return json.entry
    .map(({ resource }: { resource: fhir4.Task }) => resource)
    .find((task: fhir4.Task) => task.for?.reference === `Patient/${personId}`);
}

/** What the review of the audit found about a person. */
async function findingAbout(personId: string): Promise<fhir4.Task | undefined> {
  const { json } = await officer.get('$review-queue?code=finding&_count=100');
  return (json.entry ?? [])
    .map(({ resource }: { resource: fhir4.Task }) => resource)
    .find((task: fhir4.Task) => task.for?.reference === `Patient/${personId}`);
}

describe('a clinician whom the record does not relate to a person', () => {
  it('breaks the glass, sees, and is asked why by the privacy office, which hears nothing of whom it is about', async () => {
    const personId = await unknownHere();
    const everything = `Patient/${personId}/$everything`;
    expect((await clinician.get(everything)).status).toBe(404);
    const opened = await clinician.post(`Patient/${personId}/$break-glass`, parameters(EMERGENCY), {
      'x-request-id': randomUUID(),
    });
    expect(opened.status).toBe(200);
    const seen = await clinician.get(everything);
    expect([seen.status, seen.text.includes('Penicillin')]).toEqual([200, true]);

    const task = await taskAbout(personId);
    expect(task).toMatchObject({
      status: 'requested',
      code: { coding: [{ code: 'break-glass' }] },
      description: EMERGENCY.reason,
    });
    const [own, atLead] = [await hears(offices.own, task.id!), await hears(offices.lead, task.id!)];
    expect(own).toEqual({
      specversion: '1.0',
      id: atLead.id,
      source: 'urn:chesil:demo',
      type: 'uk.chesil.break-glass-used.1',
      time: task.authoredOn,
      dataref: `${demo.fhirUrl}/Task/${task.id}`,
      organisation: 'uhd',
    });
    for (const secret of [personId, FAMILY, GIVEN, 'Unconscious', 'emergency', task.requester!.identifier!.value!])
      expect(JSON.stringify(offices.own.heard)).not.toContain(secret);
    // An office hears of its own staff: whatever has come to it by now.
    await offices.other.listen(() => false, 1_500).catch(() => undefined);
    expect(offices.other.heard.filter(({ organisation }) => organisation !== 'hhft')).toEqual([]);
    expect((await officer.get(own.dataref)).json.id).toBe(task.id);
    expect((await clinician.get(own.dataref)).status).toBe(404);

    const review = await officer.post(
      `Task/${task.id}/$review`,
      parameters({ outcome: 'justified', note: 'Asked the department.' }),
    );
    expect(review.status).toBe(200);
    expect(await taskAbout(personId, lead)).toMatchObject({
      status: 'completed',
      businessStatus: { coding: [{ code: 'justified' }] },
    });
  });

  it('sees until the second at which it ends', async () => {
    const personId = await unknownHere();
    const opened = await clinician.post(`Patient/${personId}/$break-glass`, parameters({ ...EMERGENCY, hours: 0.001 }));
    const until = Date.parse(opened.json.parameter.find(({ name }: { name: string }) => name === 'until').valueInstant);
    const path = `Patient/${personId}`;
    expect((await clinician.get(path)).status).toBe(200);
    await sleep(until - Date.now() + 1);
    expect((await clinician.get(path)).status).toBe(404);
  });

  it('claims a relationship, which opens the record as well and is reviewed as well', async () => {
    const personId = await unknownHere();
    expect((await clinician.get(`Patient/${personId}`)).status).toBe(404);
    expect((await clinician.post(`Patient/${personId}/$claim-relationship`, parameters(CLAIM))).status).toBe(200);
    expect((await clinician.get(`Patient/${personId}`)).status).toBe(200);
    const task = await taskAbout(personId);
    expect(task).toMatchObject({ code: { coding: [{ code: 'claim' }] }, reasonCode: { coding: [{ code: 'in-my-care' }] } });
    expect((await hears(offices.own, task.id!)).type).toBe('uk.chesil.relationship-claimed.1');
  });

  it('learns nothing from it of whether there is a record, and opens nothing for anybody else', async () => {
    const [personId, nobody] = [await unknownHere(), 'a'.repeat(26)];
    const answers = await Promise.all(
      [personId, nobody].map((id) => clinician.post(`Patient/${id}/$break-glass`, parameters(EMERGENCY))),
    );
    const namesOf = ({ json }: (typeof answers)[number]) => json.parameter.map(({ name }: { name: string }) => name);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(namesOf(answers[1]!)).toEqual(namesOf(answers[0]!));
    expect((await clinician.get(`Patient/${nobody}`)).status).toBe(404);
    expect(await taskAbout(nobody)).toBeUndefined();
    expect((await clerk.get(`Patient/${personId}`)).status).toBe(404);
  });

  it('names somebody by NHS number before anything is recorded, and sees them once it is, with a review', async () => {
    const person = somebody({ practice: PRACTICES['golden-cap'] });
    const opened = await clinician.post('Patient/$break-glass', parameters({ 'nhs-number': person.nhsNumber, ...EMERGENCY }));
    expect(opened.status).toBe(200);
    const { reference } = opened.json.parameter.find(({ name }: { name: string }) => name === 'patient').valueReference;
    expect((await clinician.get(reference)).status).toBe(404);
    const personId = reference.split('/')[1];
    expect(await taskAbout(personId)).toBeUndefined();

    const feed = createFeed('hhft', person);
    tell.allergy(feed, { text: 'Penicillin' });
    expect((await push(elsewhere, feed.push()))[0]!.personId).toBe(personId);
    await vi.waitUntil(async () => (await clinician.get(reference)).status === 200, { timeout: 20_000, interval: 100 });
    const task = await taskAbout(personId);
    expect(task).toMatchObject({ code: { coding: [{ code: 'break-glass' }] }, description: EMERGENCY.reason });
    await hears(offices.own, task.id!);
  });
});

describe('nobody else', () => {
  it('breaks the glass, reads the queue or reviews', async () => {
    const personId = await unknownHere();
    const system = await signIn(demo, 'dch');
    for (const by of [clerk, officer, system])
      expect((await by.post(`Patient/${personId}/$break-glass`, parameters(EMERGENCY))).status).toBe(403);
    for (const by of [clerk, clinician, system]) expect((await by.get('$review-queue')).status).toBe(403);
  });
});

describe('the review of the audit', () => {
  it('asks the privacy office of a look at somebody in the news, when an operator has it run', { timeout: 120_000 }, async () => {
    const personId = await unknownHere();
    const watched = await officer.post(`Patient/${personId}/$watch`, parameters({ note: 'In the newspapers.' }));
    expect(watched.status).toBe(200);
    await clinician.post(`Patient/${personId}/$claim-relationship`, parameters(CLAIM));
    expect((await clinician.get(`Patient/${personId}`)).status).toBe(200);
    await sleep(SETTLED_MS + 1_000);
    const review = resolve(import.meta.dirname, '../../infra/operations/review.ts');
    expect(execFileSync(process.execPath, [review, '--data', dataDir], { encoding: 'utf8' })).toContain('is being reviewed');

    const found = await vi.waitUntil(() => findingAbout(personId), { timeout: 20_000, interval: 250 });
    expect((await hears(offices.own, found.id!)).type).toBe('uk.chesil.finding-raised.1');
    const { json: finding } = await officer.get(`Task/${found.id}`);
    expect(finding).toMatchObject({
      status: 'requested',
      code: { coding: [{ code: 'finding' }] },
      reasonCode: { coding: [{ code: 'watched' }] },
      for: { reference: `Patient/${personId}` },
      requester: { display: 'Alan Pryce' },
    });
    // The evidence is the look itself, as the audit tells it.
    const evidence = finding.input.find(({ valueReference }: fhir4.TaskInput) => valueReference).valueReference.reference;
    expect((await officer.get(evidence)).json).toMatchObject({ resourceType: 'AuditEvent', id: evidence.split('/')[1] });
  });
});
