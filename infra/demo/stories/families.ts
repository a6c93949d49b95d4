import { SECURITY } from '../../../shared/fhir/systems.ts';
import { createFeed, once, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Lately, type Practice, registered, type Story, storyNumber } from './story.ts';

/**
 * A five-year-old with asthma, whose school and health visitor know what to do. Her mother looks at the record for her; what the council and the
 * health visitor do to keep her safe does not show there.
 */
export function child(practice: Practice): Story {
  const kezia: Somebody = registered(
    {
      key: 'kezia',
      nhsNumber: storyNumber(5),
      family: 'Melbury',
      given: ['Kezia', 'June'],
      gender: 'female',
      birthDate: '2021-02-22',
      address: { line: '8 Shepherds Row', town: 'Blandford Forum', postalCode: 'DT11 9ZZ' },
      phone: '01632 960104',
    },
    practice,
  );
  const surgery = createFeed(practice.organisation, kezia);
  tell.condition(surgery, { code: '195967001', text: 'Asthma' }, '2024-10');
  tell.allergy(surgery, { code: '91935009', text: 'Allergy to peanut' }, { code: '247472004', text: 'Weal' }, '2023-07-19');
  tell.medicine(
    surgery,
    { text: 'Salbutamol 100micrograms/dose inhaler CFC free' },
    'Two puffs through a spacer when wheezy',
    '2024-10-21',
  );
  tell.vaccination(surgery, { code: '38598009', text: 'Measles, mumps and rubella vaccination' }, '2022-03-01');
  tell.vaccination(surgery, { code: '86198006', text: 'Influenza vaccination' }, '2026-10-12');
  tell.measurement(surgery, { code: '50373000', text: 'Body height' }, 108.5, 'cm', '2026-09-15');

  // Another organisation tells that they care for her, so that they can say who acts for her.
  tell.referral(surgery, { text: 'Health visiting' }, '2026-09-01', { name: 'Dorset HealthCare', code: 'RDY' });

  const visitors = createFeed('dhc', kezia);
  tell.relatedPerson(visitors, { family: 'Melbury', given: 'Hannah', relationship: 'Mother', phone: '01632 960104' });
  tell.encounter(
    visitors,
    'home',
    { text: 'Health visitor, two-year review' },
    { start: '2023-03-06T10:00:00Z', end: '2023-03-06T10:45:00Z' },
  );
  tell.carePlan(
    visitors,
    'Asthma plan for school',
    'Blue inhaler with the class teacher. Ring Hannah after two uses in a day.',
    '2026-09-04',
  );

  tell.episode(visitors, { text: 'Health visiting and school nursing' }, '2021-03-08');
  tell.proxy(visitors, { name: 'Hannah Melbury', nhsNumber: storyNumber(26), as: 'Mother' }, '2026-09-01');

  const council = createFeed('dorset-council', kezia);
  const team = { text: "Children's social care, social worker Owen Bright" };
  tell.episode(council, team, '2026-08-03', undefined, CHILD_PROTECTION);
  tell.flag(council, { code: '342191000000101', text: 'Subject to child protection plan' }, '2026-08-20');
  tell.carePlan(
    council,
    'Keeping Kezia safe',
    'A friend of the family who lived with them has moved out. Hannah works with us every week, and is doing well.',
    '2026-08-20',
    ['Visit at home every ten working days', 'School tells Owen of any day missed'],
    CHILD_PROTECTION,
  );

  const hospital = createFeed('dch', kezia);
  tell.encounter(
    hospital,
    'emergency',
    { text: 'Wheeze, better after nebuliser, home the same evening' },
    { start: '2025-12-18T17:20:00Z', end: '2025-12-18T21:05:00Z' },
  );

  return {
    story: 'A child with asthma, starting school',
    nhsNumber: kezia.nhsNumber!,
    pushes: [surgery.push(), visitors.push(), council.push(), hospital.push()],
  };
}

const CHILD_PROTECTION = { system: SECURITY, code: 'child-protection', display: 'child protection' };

/** Thirty weeks into a second pregnancy, with things in her record that are hers to tell. */
export function pregnancy(practice: Practice, lately: Lately): Story {
  const nia: Somebody = registered(
    {
      key: 'nia',
      nhsNumber: storyNumber(6),
      family: 'Tarrant',
      given: ['Nia'],
      prefix: 'Ms',
      gender: 'female',
      birthDate: '1994-07-11',
      address: { line: '14 Pebble Court', town: 'Bournemouth', postalCode: 'BH1 9ZZ' },
      phone: '01632 960105',
    },
    practice,
  );
  const hospital = createFeed('uhd', nia);
  tell.condition(hospital, { code: '77386006', text: 'Pregnancy' }, '2026-04-26');
  tell.episode(hospital, { text: 'Maternity care, due 31 January 2027' }, '2026-06-15');
  tell.bloodPressure(hospital, 112, 70, '2026-11-17T09:40:00Z');
  tell.appointment(once(hospital), 'Midwife, 32 weeks', lately(-7, '09:20'), lately(-7, '09:40'));
  tell.procedure(hospital, { code: '52637005', text: 'In vitro fertilisation' }, '2026-04-28');
  tell.carePlan(hospital, 'Birth plan', 'Birth centre at Poole. Water if it is free. Her partner Jago stays.', '2026-11-03');

  const surgery = createFeed(practice.organisation, nia);
  tell.vaccination(surgery, { text: 'Pertussis vaccination in pregnancy' }, '2026-10-20');
  tell.allergy(surgery, { code: '300916003', text: 'Latex allergy' });

  const clinic = createFeed('dhc', nia);
  tell.condition(
    clinic,
    { code: '428015005', text: 'Chlamydia trachomatis infection of genital structure' },
    '2019-05',
    'resolved',
  );

  return {
    story: 'A pregnancy, thirty weeks',
    nhsNumber: nia.nhsNumber!,
    pushes: [surgery.push(), hospital.push(), clinic.push()],
  };
}
