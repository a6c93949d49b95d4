import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { type Partner, signIn } from '../actors/partner.ts';
import { PRACTICES, peopleOf } from '../actors/people.ts';
import { allPages, push } from '../actors/record.ts';
import { signInStaff } from '../actors/staff.ts';

const demo = inject('demo');

/** Where she is, as the practice and the council know it. */
const HOME = {
  address: { line: '5 Zebedee Lane', town: 'Quillbury', postalCode: 'BH23 9ZZ' },
  phone: '01632 960188',
  practice: PRACTICES['golden-cap'],
};
const BETRAYING = [/zebedee/i, /quillbury/i, /BH23/i, /960188/, /golden.?cap/i, /X99002/, /bcp/i];

let surgery: Partner;
let nurse: Partner;
let hospital: Partner;
let person: string;

beforeAll(async () => {
  [surgery, hospital] = await Promise.all([signIn(demo, 'golden-cap'), signIn(demo, 'uhd')]);
  const council = await signIn(demo, 'bcp');
  nurse = await signInStaff(demo, 'uhd', 'clinician');
  const somebody = peopleOf('restricted')();

  const atSurgery = createFeed('golden-cap', { ...somebody, ...HOME, confidentiality: 'R' });
  tell.condition(atSurgery, { code: '37796009', text: 'Migraine' }, '2010');
  tell.letter(atSurgery, 'Letter to her new landlord', '2026-10-01T09:00:00Z', 'Of 5 Zebedee Lane');
  const [patient] = await push(surgery, atSurgery.push());
  person = patient!.personId;

  const atCouncil = createFeed('bcp', { ...somebody, address: HOME.address });
  tell.finding(atCouncil, { text: 'Home' }, 'Safe at Zebedee Lane, near the Golden Cap Practice.', '2026-09-01');
  tell.episode(atCouncil, { text: 'Refuge, and support with housing' }, '2026-08-01');
  await push(council, atCouncil.push());

  const atHospital = createFeed('uhd', somebody);
  tell.encounter(atHospital, 'emergency', { text: 'Headache' }, { start: new Date().toISOString() }, 'Poole Hospital');
  await push(hospital, atHospital.push());
});

describe('a restricted person whom a hospital treats', () => {
  it('is known there by what matters, without where she is, by every door', async () => {
    const doors = [
      `Patient/${person}`,
      `Patient/${person}/_history`,
      `Patient?_id=${person}&_revinclude=*`,
      `Condition?patient=${person}&_include=*`,
      `Observation?patient=${person}`,
      `EpisodeOfCare?patient=${person}`,
      `DocumentReference?patient=${person}`,
      `Encounter?patient=${person}&_include=*`,
    ];
    for (const door of doors) {
      for (const who of [nurse, hospital]) {
        const { text, status } = await who.get(door);
        expect([door, status]).toEqual([door, 200]);
        expect([door, BETRAYING.filter((word) => word.test(text))]).toEqual([door, []]);
      }
    }
    const everything = JSON.stringify(await allPages(nurse, `Patient/${person}/$everything`));
    expect(BETRAYING.filter((word) => word.test(everything))).toEqual([]);
    expect(everything).toContain('37796009');
    expect(everything).toContain('Refuge, and support with housing');
    expect(everything).toContain('Poole Hospital');
  });

  it('cannot be found out about by asking for where she might be', async () => {
    for (const query of [
      'address-city=Quillbury',
      'address-postalcode=BH23',
      'general-practitioner:identifier=https://fhir.nhs.uk/Id/ods-organization-code%7CX99002',
      'phone=01632960188',
    ]) {
      const { json } = await nurse.get(`Patient?_id=${person}&${query}`);
      expect([query, json.entry ?? []]).toEqual([query, []]);
    }
  });

  it('is known to those who told it', async () => {
    const { text } = await surgery.get(`Patient/${person}`);
    expect(text).toContain('Zebedee');
  });
});
