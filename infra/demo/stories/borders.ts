import { createFeed, once, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Lately, type Practice, registered, type Story, storyNumber } from './story.ts';

/** Lives in Hampshire, was taken ill by the sea, and was looked after in Poole. */
export function fromHampshire(_practice: Practice, lately: Lately): Story {
  const oscar: Somebody = {
    key: 'oscar',
    nhsNumber: storyNumber(11),
    family: 'Hinton',
    given: ['Oscar'],
    prefix: 'Mr',
    gender: 'male',
    birthDate: '1957-08-02',
    address: { line: '19 Watercress Lane', town: 'Alresford', postalCode: 'SO24 9ZZ' },
    phone: '01632 960109',
    practice: { code: 'J82999', name: 'Itchen Valley Surgery' },
  };
  const home = createFeed('hhft', oscar);
  tell.condition(home, { code: '49436004', text: 'Atrial fibrillation' }, '2020-01-20');
  tell.medicine(home, { text: 'Apixaban 5mg tablets' }, 'One twice a day', '2020-02-01');

  const ambulance = createFeed('swasft', oscar);
  tell.encounter(
    once(ambulance),
    'emergency',
    { text: '999 call from Sandbanks beach, chest pain' },
    { start: lately(16, '13:05'), end: lately(16, '13:58') },
  );

  const hospital = createFeed('uhd', oscar);
  tell.encounter(
    once(hospital),
    'inpatient',
    { text: 'Cardiology admission' },
    { start: lately(16, '14:02'), end: lately(14, '10:00') },
    'Poole Hospital',
  );
  tell.letter(
    once(hospital),
    'Discharge summary',
    lately(14, '10:40'),
    'Seen with a fast heartbeat after a long swim. Home after two days on the same medicines. His own hospital will see him next month.',
  );
  tell.referral(once(hospital), { text: 'Cardiology follow-up' }, lately(14), { name: 'Hampshire Hospitals', code: 'RN5' });

  return {
    story: 'Someone from Hampshire, treated in Poole',
    nhsNumber: oscar.nhsNumber!,
    pushes: [home.push(), ambulance.push(), hospital.push()],
  };
}

/** Came in without a name that anyone could check; three days later the NHS number was found. One person, two partitions, linked. */
export function merged(practice: Practice): Story {
  const unknown: Somebody = { key: 'walter-unknown', family: 'Unknown', given: ['Walter'], gender: 'male', birthDate: '1950' };
  const walter: Somebody = registered(
    {
      ...unknown,
      nhsNumber: storyNumber(12),
      family: 'Swyre',
      prefix: 'Mr',
      birthDate: '1950-11-06',
      address: { line: '1 Old Quarry', town: 'Swanage', postalCode: 'BH19 9ZZ' },
    },
    practice,
  );
  const arrival = createFeed('dch', unknown);
  tell.encounter(
    arrival,
    'emergency',
    { text: 'Found confused on the coast path' },
    { start: '2026-10-05T19:30:00+01:00', end: '2026-10-05T23:10:00+01:00' },
  );
  tell.measurement(arrival, { code: '386725007', text: 'Body temperature' }, 34.9, 'Cel', '2026-10-05T19:45:00+01:00');

  const identified = createFeed('dch', walter);
  tell.condition(identified, { code: '386689009', text: 'Hypothermia' }, '2026-10-05', 'resolved');

  const surgery = createFeed(practice.organisation, walter);
  tell.condition(surgery, { code: '52448006', text: 'Dementia' }, '2024-03');
  tell.relatedPerson(surgery, { family: 'Swyre', given: 'Ruth', relationship: 'Wife', phone: '01632 960110' });

  return {
    story: 'A merged record: admitted unknown, recognised three days later',
    nhsNumber: walter.nhsNumber!,
    pushes: [arrival.push(), surgery.push(), identified.push()],
  };
}
