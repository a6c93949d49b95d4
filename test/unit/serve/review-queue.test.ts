import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTaskId, type Review, type ReviewTask, taskId } from '../../../shared/access/review/task.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { createWorld, FHIR_URL, type World } from './world.ts';

const PERSON = 'a'.repeat(26);

const officerOf = (organisation: string): Viewer => ({
  organisation,
  client: 'portal',
  role: 'privacy-officer',
  purpose: 'investigation',
  staff: `dorset|officer-${organisation}`,
});

function task(organisation: string, hour: number, changed: Partial<ReviewTask> = {}): ReviewTask {
  const at = `2026-11-24T${String(hour).padStart(2, '0')}:00:00.000Z`;
  return {
    id: taskId({ organisation, at, name: 'bcdefghij'[hour % 9]!.repeat(16) }),
    ...{
      kind: 'break-glass',
      organisation,
      at,
      person: PERSON,
      staff: 'dorset|nurse',
      staffName: 'Nia Nurse',
      role: 'clinician',
    },
    reason: { code: 'emergency', text: 'Unconscious in the emergency department.' },
    grant: { id: 'b'.repeat(16), until: '2026-11-24T23:00:00.000Z' },
    evidence: [],
    ...changed,
  };
}

const FINDING = task('uhd', 5, {
  kind: 'finding',
  rule: 'same-surname',
  reason: undefined,
  grant: undefined,
  evidence: [{ person: PERSON, access: `2026-11-24T04:00:00.000Z#${'c'.repeat(16)}` }],
} as Partial<ReviewTask>);

const REVIEW: Review = {
  at: '2026-11-25T09:00:00.000Z',
  outcome: 'justified',
  note: 'Asked the ward.',
  staff: 'dorset|officer-uhd',
  organisation: 'uhd',
};

let world: World;
beforeAll(async () => {
  world = await createWorld();
  const { tasks } = world.dependencies;
  for (const each of [task('uhd', 1), task('uhd', 2), task('uhd', 3), FINDING, task('surgery', 4)]) await tasks.raise(each);
  await tasks.review(task('uhd', 2), REVIEW);
});
afterAll(() => world.engine.stop());

const ask = (path: string, viewer = officerOf('uhd')) => world.ask(path, { viewer, scopes: ['user/*.rs'] });
const hoursOf = ({ json }: Awaited<ReturnType<typeof ask>>) =>
  (json.entry ?? []).map(
    ({ resource }: { resource: fhir4.Task }) => `${resource.owner?.identifier?.value} ${resource.authoredOn?.slice(11, 13)}`,
  );

describe('the review queue', () => {
  it('holds the tasks of the officer’s organisation, newest first, as FHIR', async () => {
    const answer = await ask('$review-queue');
    expect(answer.json).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect(hoursOf(answer)).toEqual(['uhd 05', 'uhd 03', 'uhd 02', 'uhd 01']);
    for (const { resource } of answer.json.entry) expect(validate(resource)).toEqual([]);
    const [finding, broken, reviewed] = answer.json.entry.map(({ resource }: { resource: fhir4.Task }) => resource);
    expect(finding).toMatchObject({
      status: 'requested',
      code: { coding: [{ code: 'finding' }] },
      reasonCode: { coding: [{ code: 'same-surname' }] },
      input: [{ valueCode: 'clinician' }, { valueReference: { reference: expect.stringMatching(/^AuditEvent\/[\w.-]{64}$/) } }],
    });
    expect(broken).toMatchObject({
      for: { reference: `Patient/${PERSON}` },
      requester: { identifier: { value: 'dorset|nurse' }, display: 'Nia Nurse' },
      reasonCode: { coding: [{ code: 'emergency' }] },
      description: 'Unconscious in the emergency department.',
    });
    expect(reviewed).toMatchObject({
      status: 'completed',
      businessStatus: { coding: [{ code: 'justified' }] },
      note: [{ authorString: 'dorset|officer-uhd', text: 'justified: Asked the ward.' }],
    });
    expect(answer.json.entry[0].fullUrl).toBe(`${FHIR_URL}/Task/${FINDING.id}`);
  });

  it.each([
    ['status=requested', ['uhd 05', 'uhd 03', 'uhd 01']],
    ['status=completed', ['uhd 02']],
    ['code=finding', ['uhd 05']],
    ['code=claim', []],
  ])('is narrowed by %s', async (query, hours) => {
    expect(hoursOf(await ask(`$review-queue?${query}`))).toEqual(hours);
  });

  it('is read page by page, that of the lead over all organisations', async () => {
    const pages: string[][] = [];
    let next: string | undefined = '$review-queue?_count=2';
    while (next !== undefined) {
      const answer = await ask(next, officerOf('dch'));
      pages.push(hoursOf(answer));
      next = answer.json.link.find(({ relation }: { relation: string }) => relation === 'next')?.url;
    }
    expect(pages).toEqual([['surgery 04', 'uhd 05'], ['uhd 03', 'uhd 02'], ['uhd 01']]);
  });

  it('is noted, whether or not it is shown', async () => {
    await ask('$review-queue', officerOf('council'));
    await ask('$review-queue', { ...officerOf('council'), role: 'clinician', purpose: 'direct-care' });
    expect(await world.looks('review#council')).toMatchObject([
      { interaction: 'review-queue', outcome: 'shown' },
      { interaction: 'review-queue', outcome: 'refused' },
    ]);
  });

  it.each([
    ['a clinician', { ...officerOf('uhd'), role: 'clinician', purpose: 'direct-care' } as const, '$review-queue', 403],
    ['an investigator', { ...officerOf('uhd'), role: 'safety-investigator' } as const, '$review-queue', 403],
    ['an officer who counts badly', officerOf('uhd'), '$review-queue?_count=none', 400],
    ['an officer who counts to nothing', officerOf('uhd'), '$review-queue?_count=0', 400],
    ['an officer who counts in sixteens', officerOf('uhd'), '$review-queue?_count=0x10', 400],
    ['an officer who counts twice', officerOf('uhd'), '$review-queue?_count=2&_count=1', 400],
    ['an officer with an address that was not given out', officerOf('uhd'), '$review-queue?_after=x', 400],
  ])('is refused to %s', async (_, viewer, path, status) => {
    expect((await ask(path, viewer)).status).toBe(status);
  });

  it('shows nothing of another organisation by an address that was given to somebody else', async () => {
    const answer = await ask(`$review-queue?_after=${task('surgery', 4).id}`);
    expect([answer.status, hoursOf(answer)]).toEqual([200, []]);
  });

  it('is not for partner systems', async () => {
    expect((await world.ask('$review-queue')).status).toBe(403);
  });
});

describe('the queue of a records office', () => {
  const recordsOfficer = (organisation: string): Viewer => ({
    ...officerOf(organisation),
    role: 'records-officer',
    purpose: 'patient-administration',
  });
  const question = (organisation: string, hour: number): ReviewTask => {
    const { id, at } = task(organisation, hour);
    const { name } = parseTaskId(id)!;
    return {
      id: taskId({ organisation, office: 'records', at, name }),
      ...{ kind: 'number-corrected', organisation, at, person: PERSON, evidence: [] },
      about: { otherPerson: 'b'.repeat(26), fragments: [`Observation/${'b'.repeat(26)}.${'c'.repeat(16)}`], fragmentCount: 1 },
      dueAt: '2026-11-25T06:00:00.000Z',
    };
  };

  beforeAll(async () => {
    for (const each of [question('uhd', 6), question('dch', 7)]) await world.dependencies.tasks.raise(each);
  });

  it('holds its questions as FHIR, with what they are about and by when they are due', async () => {
    const answer = await ask('$review-queue', recordsOfficer('uhd'));
    expect(hoursOf(answer)).toEqual(['uhd 06']);
    const [{ resource }] = answer.json.entry;
    expect(validate(resource)).toEqual([]);
    expect(resource).toMatchObject({
      status: 'requested',
      code: { coding: [{ code: 'number-corrected' }] },
      for: { reference: `Patient/${PERSON}` },
      restriction: { period: { end: '2026-11-25T06:00:00.000Z' } },
      input: [
        { type: { coding: [{ code: 'other-person' }] }, valueReference: { reference: `Patient/${'b'.repeat(26)}` } },
        { type: { coding: [{ code: 'fragment-count' }] }, valueInteger: 1 },
        { type: { coding: [{ code: 'fragment' }] } },
      ],
    });
    expect(resource.requester).toBeUndefined();
  });

  it('is another than that of the privacy office, and neither reads the other', async () => {
    expect(hoursOf(await ask('$review-queue'))).not.toContain('uhd 06');
    expect((await ask(`Task/${question('uhd', 6).id}`)).status).toBe(404);
    expect((await ask(`Task/${FINDING.id}`, recordsOfficer('uhd'))).status).toBe(404);
    expect((await ask(`Task/${question('uhd', 6).id}`, recordsOfficer('uhd'))).status).toBe(200);
    expect((await ask(`$review-queue?_after=${FINDING.id}`, recordsOfficer('uhd'))).status).toBe(400);
  });

  it('is read by the lead for all organisations, and noted under a name of its own', async () => {
    expect(hoursOf(await ask('$review-queue', recordsOfficer('dch')))).toEqual(['dch 07', 'uhd 06']);
    await ask('$review-queue', recordsOfficer('council'));
    expect(await world.looks('records#council')).toMatchObject([{ interaction: 'review-queue', outcome: 'shown' }]);
  });
});

describe('one task', () => {
  it('is read by the address that the alert gives, by those whose it is', async () => {
    expect((await ask(`Task/${FINDING.id}`)).json).toMatchObject({ resourceType: 'Task', id: FINDING.id });
    expect((await ask(`Task/${FINDING.id}`, officerOf('dch'))).status).toBe(200);
  });

  it('is answered the same where it is another organisation’s, where it is not there, and to whoever may not review', async () => {
    const elsewhere = await ask(`Task/${task('surgery', 4).id}`);
    const nowhere = await ask(`Task/${task('uhd', 23).id}`);
    const nurse = await ask(`Task/${FINDING.id}`, { ...officerOf('uhd'), role: 'clinician', purpose: 'direct-care' });
    for (const answer of [elsewhere, nowhere, nurse]) expect([answer.status, answer.json]).toEqual([404, elsewhere.json]);
  });
});
