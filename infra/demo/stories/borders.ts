import { createFeed, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Practice, registered, type Story, storyNumber } from './story.ts';

/** Lives in Hampshire, was taken ill by the sea, and was looked after in Poole. */
export function fromHampshire(): Story {
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
    ambulance,
    'emergency',
    { text: '999 call from Sandbanks beach, chest pain' },
    { start: '2026-08-22T14:05:00+01:00', end: '2026-08-22T14:58:00+01:00' },
  );

  const hospital = createFeed('uhd', oscar);
  tell.encounter(
    hospital,
    'inpatient',
    { text: 'Cardiology admission' },
    { start: '2026-08-22T15:02:00+01:00', end: '2026-08-24T11:00:00+01:00' },
    'Poole Hospital',
  );
  tell.letter(
    hospital,
    'Discharge summary',
    '2026-08-24T11:40:00+01:00',
    'Seen with a fast heartbeat after a long swim. Home after two days on the same medicines. His own hospital will see him in October.',
  );
  tell.referral(hospital, { text: 'Cardiology follow-up' }, '2026-08-24', 'Hampshire Hospitals');

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
