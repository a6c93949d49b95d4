import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import type { Answer, Partner } from './actors/partner.ts';
import { signIn } from './actors/partner.ts';
import { heartRate, PRACTICES, peopleOf } from './actors/people.ts';
import { push } from './actors/record.ts';
import { signInStaff } from './actors/staff.ts';

const somebody = peopleOf('replay');
const demo = inject('demo');

let hospital: Partner;
let clinician: Partner;
let investigator: Partner;
let officer: Partner;
let person: string;

const patient = somebody({ practice: PRACTICES['golden-cap'] });
const today = new Date().toISOString();

beforeAll(async () => {
  hospital = await signIn(demo, 'hhft');
  clinician = await signInStaff(demo, 'hhft', 'clinician');
  officer = await signInStaff(demo, 'uhd', 'privacy-officer');
  investigator = await signInStaff(demo, 'dorset-icb', 'safety-investigator');
  const feed = createFeed('hhft', patient);
  tell.allergy(feed, { text: 'Penicillin' });
  tell.encounter(feed, 'emergency', { text: 'Emergency department' }, { start: today });
  person = (await push(hospital, feed.push()))[0]!.personId;
});

const eventsOf = ({ json }: Answer): fhir4.AuditEvent[] => (json.entry ?? []).map(({ resource }: fhir4.BundleEntry) => resource);

describe('what a clinician saw', () => {
  it('is shown again, to the byte, to an investigator, after the record has moved on and the person has opted out', async () => {
    const paths = [
      `Patient/${person}/$everything`,
      `AllergyIntolerance?patient=${person}&_pretty=true`,
      `Patient/${person}/_history`,
    ];
    const seen = await Promise.all(paths.map((path) => clinician.get(path)));
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200]);

    const later = createFeed('hhft', patient);
    tell.allergy(later, { text: 'Latex' });
    tell.consent(later, 'Opted out of the shared record', { type: 'deny' }, today.slice(0, 10));
    await push(hospital, later.push());
    await hospital.post('Observation', heartRate('replay', { reference: `Patient/${person}` }));
    const now = await clinician.get(paths[0]!);
    expect(now.text).not.toBe(seen[0]!.text);

    const events = eventsOf(await investigator.get(`AuditEvent?patient=${person}&agent=hhft`));
    const replays = await Promise.all(events.map(({ id }) => investigator.get(`AuditEvent/${id}/$replay`)));
    for (const { text } of seen) {
      const again = replays.find((replay) => replay.text === text);
      expect(again).toMatchObject({ status: 200, headers: { 'chesil-replay': 'exact', 'chesil-replayed-status': '200' } });
    }
    expect(replays.every(({ headers }) => headers['chesil-replay'] === 'exact')).toBe(true);
  });

  it('is there for no privacy officer of another organisation, and for no clinician', async () => {
    const [event] = eventsOf(await investigator.get(`AuditEvent?patient=${person}&agent=hhft&_count=1`));
    for (const somebodyElse of [officer, clinician]) {
      expect((await somebodyElse.get(`AuditEvent/${event!.id}/$replay`)).status).toBe(404);
      expect((await somebodyElse.get('AuditEvent/none/$replay')).status).toBe(404);
    }
    expect(eventsOf(await officer.get(`AuditEvent?patient=${person}&agent=hhft`))).toEqual([]);
  });
});
