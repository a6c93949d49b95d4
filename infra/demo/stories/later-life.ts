import { createFeed, once, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Lately, type Practice, registered, type Story, storyNumber } from './story.ts';

/** A frail woman at home in Swanage, and the daughter who cares for her. */
export function frailAndCaredFor(practice: Practice): Story {
  const winifred: Somebody = registered(
    {
      key: 'winifred',
      nhsNumber: storyNumber(1),
      family: 'Purbeck',
      given: ['Winifred', 'Rose'],
      prefix: 'Mrs',
      gender: 'female',
      birthDate: '1936-04-17',
      address: { line: '3 Cliff Walk', town: 'Swanage', postalCode: 'BH19 9ZZ' },
      phone: '01632 960101',
    },
    practice,
  );
  const surgery = createFeed(practice.organisation, winifred);
  tell.condition(surgery, { code: '248279007', text: 'Frailty' }, '2023-05');
  tell.condition(surgery, { code: '84114007', text: 'Heart failure' }, '2021-11-03');
  tell.condition(surgery, { code: '396275006', text: 'Osteoarthritis' }, '2009');
  tell.allergy(surgery, { code: '91936005', text: 'Penicillin allergy' }, { code: '247472004', text: 'Weal' }, '1974');
  tell.medicine(surgery, { text: 'Furosemide 40mg tablets' }, 'One in the morning', '2024-02-12');
  tell.medicine(surgery, { text: 'Bisoprolol 2.5mg tablets' }, 'One in the morning', '2021-11-10');
  tell.medicine(
    surgery,
    { code: '322236009', text: 'Paracetamol 500mg tablets' },
    'Two up to four times a day when needed',
    '2023-06-01',
  );
  tell.bloodPressure(surgery, 118, 64, '2026-10-02T10:20:00+01:00');
  tell.measurement(surgery, { code: '27113001', text: 'Body weight' }, 52.4, 'kg', '2026-10-02T10:20:00+01:00');

  const nurses = createFeed('dhc', winifred);
  tell.episode(nurses, { text: 'District nursing caseload' }, '2025-09-01');
  tell.encounter(
    nurses,
    'home',
    { text: 'Leg dressing at home' },
    { start: '2026-11-12T09:30:00Z', end: '2026-11-12T10:05:00Z' },
  );
  tell.aboutMe(nurses, '2025-09-04T14:00:00+01:00', [
    ['What matters most to me', 'My garden, my cat Biscuit, and being called Win.'],
    ['How best to talk with me', 'Slowly, and on my left side: I hear better there.'],
    ['Who helps me', 'My daughter Ellen comes every day after school.'],
  ]);

  const council = createFeed('dorset-council', winifred);
  tell.relatedPerson(council, { family: 'Purbeck', given: 'Ellen', relationship: 'Daughter, main carer', phone: '01632 960102' });
  tell.episode(council, { text: 'Home care, two visits a day' }, '2025-08-18');
  tell.finding(
    council,
    { text: "Carer's assessment" },
    'Ellen manages, but worries about the nights. Respite agreed for two weeks a year.',
    '2026-03-11',
  );
  tell.flag(council, { text: 'Key safe by the back door' }, '2025-08-18');

  return {
    story: 'A frail woman at home, and the daughter who cares for her',
    nhsNumber: winifred.nhsNumber!,
    pushes: [surgery.push(), nurses.push(), council.push()],
  };
}

/** A fall, a new hip, and a discharge that is being planned. */
export function admissionAndPlannedDischarge(practice: Practice, lately: Lately): Story {
  const harold: Somebody = registered(
    {
      key: 'harold',
      nhsNumber: storyNumber(2),
      family: 'Corfe',
      given: ['Harold'],
      prefix: 'Mr',
      gender: 'male',
      birthDate: '1948-09-30',
      address: { line: '21 Rope Walk', town: 'Poole', postalCode: 'BH15 9ZZ' },
      phone: '01632 960103',
    },
    practice,
  );
  const ambulance = createFeed('swasft', harold);
  tell.encounter(
    once(ambulance),
    'emergency',
    { text: '999 call: fall at home, conveyed to hospital' },
    { start: lately(4, '22:41'), end: lately(4, '23:36') },
  );
  tell.measurement(once(ambulance), { code: '364075005', text: 'Heart rate' }, 96, '/min', lately(4, '22:58'));

  const hospital = createFeed('uhd', harold);
  tell.encounter(
    once(hospital),
    'inpatient',
    { text: 'Trauma and orthopaedics admission' },
    { start: lately(3, '00:12') },
    'Poole Hospital, Ward B2',
  );
  tell.condition(once(hospital), { code: '5913000', text: 'Fracture of neck of femur' }, lately(4));
  tell.procedure(once(hospital), { code: '52734007', text: 'Total replacement of hip' }, lately(2, '11:30'));
  tell.carePlan(once(hospital), 'Discharge plan', 'Home next week with reablement, if the stairs go well.', lately(1), [
    'Stairs with the physiotherapist',
    'Medicines to take home from the pharmacy',
    'Transport booked for the morning',
  ]);
  tell.referral(once(hospital), { text: 'Assessment notice: care and support at discharge' }, lately(1), {
    name: 'BCP Council, hospital discharge team',
  });

  const council = createFeed('bcp', harold);
  tell.episode(once(council), { text: 'Reablement, six weeks' }, lately(-6));
  tell.finding(
    once(council),
    { text: 'Home' },
    'Lives with his wife Jean; one step at the front door; a rail has been fitted.',
    lately(1),
  );

  const surgery = createFeed(practice.organisation, harold);
  tell.condition(surgery, { code: '59621000', text: 'Essential hypertension' }, '2006');
  tell.medicine(surgery, { code: '319283006', text: 'Amlodipine 5mg tablets' }, 'One a day', '2019-01-14');

  return {
    story: 'An admission after a fall, and a planned discharge',
    nhsNumber: harold.nhsNumber!,
    pushes: [surgery.push(), ambulance.push(), hospital.push(), council.push()],
  };
}

/** Someone who has said what should be done in an emergency, and what should not. */
export function respectPlan(practice: Practice): Story {
  const edith: Somebody = registered(
    {
      key: 'edith',
      nhsNumber: storyNumber(3),
      family: 'Lulworth',
      given: ['Edith'],
      prefix: 'Miss',
      gender: 'female',
      birthDate: '1941-01-08',
      address: { line: 'The Old Quarry House', town: 'Dorchester', postalCode: 'DT1 9ZZ' },
    },
    practice,
  );
  const surgery = createFeed(practice.organisation, edith);
  tell.condition(surgery, { code: '13645005', text: 'Chronic obstructive lung disease' }, '2012-02');
  tell.carePlan(
    surgery,
    'ReSPECT plan',
    'Focus on comfort. Would like treatment at home wherever possible; would accept antibiotics and oxygen; does not want intensive care or resuscitation.',
    '2026-06-09',
    ['Just-in-case medicines in the kitchen cupboard', 'Call the community nurses first, day or night'],
  );
  tell.consent(
    surgery,
    'Lasting power of attorney for health and welfare: her niece, Imogen Lulworth',
    { type: 'permit' },
    '2024-10-01',
  );

  const hospital = createFeed('dch', edith);
  tell.encounter(
    hospital,
    'inpatient',
    { text: 'Respiratory admission' },
    { start: '2026-04-02T16:00:00+01:00', end: '2026-04-09T12:30:00+01:00' },
    'Dorset County Hospital',
  );
  tell.letter(
    hospital,
    'Discharge summary',
    '2026-04-09T13:05:00+01:00',
    'Admitted with a flare of her lung disease, home after a week. Thank you for talking about a ReSPECT plan with her.',
  );

  const nurses = createFeed('dhc', edith);
  tell.episode(nurses, { text: 'Community respiratory nursing' }, '2026-04-10');

  return {
    story: 'Someone with a ReSPECT plan',
    nhsNumber: edith.nhsNumber!,
    pushes: [surgery.push(), hospital.push(), nurses.push()],
  };
}
