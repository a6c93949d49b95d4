import { createFeed, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Practice, registered, type Story, storyNumber } from './story.ts';

/** A five-year-old with asthma, whose school and health visitor know what to do. */
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
    pushes: [surgery.push(), visitors.push(), hospital.push()],
  };
}

/** Thirty weeks into a second pregnancy. */
export function pregnancy(practice: Practice): Story {
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
  tell.appointment(hospital, 'Midwife, 32 weeks', '2026-12-01T09:20:00Z', '2026-12-01T09:40:00Z');
  tell.carePlan(hospital, 'Birth plan', 'Birth centre at Poole. Water if it is free. Her partner Jago stays.', '2026-11-03');

  const surgery = createFeed(practice.organisation, nia);
  tell.vaccination(surgery, { text: 'Pertussis vaccination in pregnancy' }, '2026-10-20');
  tell.allergy(surgery, { code: '300916003', text: 'Latex allergy' });

  return { story: 'A pregnancy, thirty weeks', nhsNumber: nia.nhsNumber!, pushes: [surgery.push(), hospital.push()] };
}
