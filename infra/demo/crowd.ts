import { createFeed, demoNhsNumber, type Push, type Somebody } from './feed.ts';
import * as tell from './fragments.ts';
import { FAMILY_NAMES, GIVEN_NAMES, STREETS, TOWNS, type Town } from './names.ts';
import type { Random } from './random.ts';
import type { Practice } from './stories/story.ts';

/** Somebody of the crowd: made by chance, told by everyone in Dorset who would know something. */
export interface Resident {
  readonly nhsNumber: string;
  readonly story: string;
  readonly pushes: readonly Push[];
}

/** What people live with, from which age on it is likely, how often, and what is then prescribed. */
const CONDITIONS = [
  {
    what: { code: '59621000', text: 'Essential hypertension' },
    fromAge: 45,
    share: 0.35,
    medicine: { code: '319283006', text: 'Amlodipine 5mg tablets' },
  },
  {
    what: { code: '44054006', text: 'Type 2 diabetes mellitus' },
    fromAge: 40,
    share: 0.14,
    medicine: { code: '325278007', text: 'Metformin 500mg tablets' },
  },
  {
    what: { code: '195967001', text: 'Asthma' },
    fromAge: 4,
    share: 0.13,
    medicine: { text: 'Salbutamol 100micrograms/dose inhaler CFC free' },
  },
  {
    what: { code: '396275006', text: 'Osteoarthritis' },
    fromAge: 55,
    share: 0.3,
    medicine: { code: '322236009', text: 'Paracetamol 500mg tablets' },
  },
  {
    what: { code: '49436004', text: 'Atrial fibrillation' },
    fromAge: 65,
    share: 0.12,
    medicine: { text: 'Apixaban 5mg tablets' },
  },
  {
    what: { code: '40930008', text: 'Hypothyroidism' },
    fromAge: 30,
    share: 0.07,
    medicine: { text: 'Levothyroxine sodium 50microgram tablets' },
  },
  {
    what: { code: '35489007', text: 'Depressive disorder' },
    fromAge: 18,
    share: 0.12,
    medicine: { text: 'Sertraline 50mg tablets' },
  },
  {
    what: { code: '13645005', text: 'Chronic obstructive lung disease' },
    fromAge: 50,
    share: 0.07,
    medicine: { text: 'Tiotropium bromide 18microgram inhalation powder capsules' },
  },
  { what: { code: '43116000', text: 'Eczema' }, fromAge: 1, share: 0.1, medicine: { text: 'Emollient cream' } },
] as const;

const ALLERGIES = [
  { code: '91936005', text: 'Penicillin allergy' },
  { code: '300916003', text: 'Latex allergy' },
  { code: '91935009', text: 'Allergy to peanut' },
] as const;

/** The trust of each side of the county. */
const HOSPITALS = { bcp: 'uhd', dorset: 'dch' } as const;

/** Who ran the hospitals of the east before 1 October 2020. */
const HOSPITALS_OF_OLD = ['rbch', 'poole-hospital'] as const;

const COUNCILS = {
  bcp: { now: 'bcp', before: ['poole', 'bournemouth'] },
  dorset: { now: 'dorset-council', before: ['dorset-county'] },
} as const;

/** @param index counts the crowd; names the person, and makes the NHS number */
export function resident(random: Random, index: number, practices: readonly Practice[], today: string): Resident {
  const home = random.pick(TOWNS);
  const practice = random.pick(practices);
  const somebody = makeSomebody(random, index, home, practice, today);
  const age = Number(today.slice(0, 4)) - Number(somebody.birthDate.slice(0, 4));
  const pushes = [
    surgery(random, somebody, practice, age, today),
    ...(age > 2 && random.chance(0.55) ? [hospital(random, somebody, home, today)] : []),
    ...(age > 10 && home.area === 'bcp' && random.chance(0.5) ? [hospitalOfOld(random, somebody, age)] : []),
    ...(age >= 70 && random.chance(0.4) ? [community(random, somebody, today), council(random, somebody, home, today)] : []),
    ...(age >= 60 && random.chance(0.5) ? [councilOfOld(random, somebody, home)] : []),
    ...(age >= 75 && random.chance(0.3) ? [continuingCare(random, somebody)] : []),
    ...(age > 1 && random.chance(0.15) ? [ambulance(random, somebody, today)] : []),
  ];
  return { nhsNumber: somebody.nhsNumber!, story: `${age} years old, from ${home.town}`, pushes };
}

function makeSomebody(random: Random, index: number, home: Town, { code, name }: Practice, today: string): Somebody {
  const gender = random.chance(0.52) ? 'female' : 'male';
  const age = Math.min(98, Math.floor(random.next() * 60 + random.next() * 45));
  const year = Number(today.slice(0, 4)) - age - 1;
  return {
    key: `resident-${index}`,
    nhsNumber: validNumberFrom(index),
    family: random.pick(FAMILY_NAMES),
    given: random.some(GIVEN_NAMES[gender], random.between(1, 2)),
    gender,
    birthDate: `${year}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`,
    address: { line: `${random.between(1, 120)} ${random.pick(STREETS)}`, town: home.town, postalCode: `${home.outward} 9ZZ` },
    phone: `01632 960${String(random.between(200, 999))}`,
    practice: { code, name },
  };
}

/** Ten numbers a person leave room to step over those without a check digit: one in eleven. */
function validNumberFrom(index: number): string {
  for (let step = 0; step < 10; step++) {
    const number = demoNhsNumber((index * 10 + step) % 900_000);
    if (number !== undefined) return number;
  }
  throw new Error('ten numbers in a row have no check digit');
}

function surgery(random: Random, somebody: Somebody, practice: Practice, age: number, today: string): Push {
  const feed = createFeed(practice.organisation, somebody);
  for (const { what, fromAge, share, medicine } of CONDITIONS) {
    if (age < fromAge || !random.chance(share)) continue;
    const since = Number(today.slice(0, 4)) - random.between(0, Math.min(20, age - fromAge));
    tell.condition(feed, what, random.chance(0.5) ? String(since) : `${since}-${two(random.between(1, 10))}`);
    tell.medicine(feed, medicine, random.pick(['One a day', 'One in the morning', 'As told by the practice']), `${since}-11-01`);
  }
  if (random.chance(0.18)) tell.allergy(feed, random.pick(ALLERGIES));
  else tell.allergy(feed, { code: '716186003', text: 'No known allergy' });
  for (const years of [0, 1, 2, 3]) {
    if (age < 18 || !random.chance(0.6)) continue;
    const at = `${Number(today.slice(0, 4)) - years}-${two(random.between(1, 10))}-${two(random.between(1, 28))}`;
    tell.bloodPressure(feed, random.between(104, 158), random.between(58, 94), at);
    tell.measurement(feed, { code: '27113001', text: 'Body weight' }, random.between(480, 1040) / 10, 'kg', at);
  }
  if (age >= 65 || age <= 6)
    tell.vaccination(
      feed,
      { code: '86198006', text: 'Influenza vaccination' },
      `${today.slice(0, 4)}-10-${two(random.between(1, 28))}`,
    );
  if (age >= 16)
    tell.finding(
      feed,
      { text: 'Tobacco smoking' },
      random.pick(['Never smoked', 'Gave it up', 'A few a day']),
      `${Number(today.slice(0, 4)) - 1}-05`,
    );
  return feed.push();
}

const VISITS = [
  'Outpatient appointment',
  'Eye clinic',
  'Fracture clinic',
  'Physiotherapy',
  'Hearing clinic',
  'Blood test',
] as const;
const STAYS = ['Medical admission', 'Planned operation', 'Observation overnight'] as const;

function hospital(random: Random, somebody: Somebody, home: Town, today: string): Push {
  const feed = createFeed(HOSPITALS[home.area], somebody);
  for (let visit = random.between(1, 4); visit > 0; visit--) {
    const day = dayBefore(today, random.between(5, 900));
    tell.encounter(feed, 'ambulatory', { text: random.pick(VISITS) }, { start: `${day}T10:00:00Z`, end: `${day}T10:30:00Z` });
  }
  if (random.chance(0.3)) {
    const start = dayBefore(today, random.between(20, 600));
    tell.encounter(
      feed,
      'inpatient',
      { text: random.pick(STAYS) },
      { start: `${start}T15:00:00Z`, end: `${dayBefore(start, -random.between(1, 9))}T11:00:00Z` },
    );
  }
  return feed.push();
}

function hospitalOfOld(random: Random, somebody: Somebody, age: number): Push {
  const feed = createFeed(random.pick(HOSPITALS_OF_OLD), somebody);
  const day = `${random.between(2016, 2019)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
  tell.encounter(feed, 'ambulatory', { text: random.pick(VISITS) }, { start: `${day}T09:30:00Z`, end: `${day}T10:10:00Z` });
  if (age > 60 && random.chance(0.5)) tell.procedure(feed, { code: '52734007', text: 'Total replacement of hip' }, day);
  return feed.push();
}

function community(random: Random, somebody: Somebody, today: string): Push {
  const feed = createFeed('dhc', somebody);
  tell.episode(
    feed,
    { text: random.pick(['District nursing', 'Community rehabilitation', 'Memory service']) },
    dayBefore(today, random.between(10, 400)),
  );
  const day = dayBefore(today, random.between(1, 30));
  tell.encounter(feed, 'home', { text: 'Visit at home' }, { start: `${day}T09:00:00Z`, end: `${day}T09:40:00Z` });
  return feed.push();
}

function council(random: Random, somebody: Somebody, home: Town, today: string): Push {
  const feed = createFeed(COUNCILS[home.area].now, somebody);
  tell.episode(
    feed,
    { text: random.pick(['Home care, one visit a day', 'Day centre, twice a week', 'Meals at home']) },
    dayBefore(today, random.between(30, 700)),
  );
  tell.relatedPerson(feed, {
    family: somebody.family,
    given: random.pick(GIVEN_NAMES.female),
    relationship: random.pick(['Daughter', 'Wife', 'Niece', 'Neighbour']),
  });
  return feed.push();
}

function councilOfOld(random: Random, somebody: Somebody, home: Town): Push {
  const feed = createFeed(random.pick(COUNCILS[home.area].before), somebody);
  tell.episode(feed, { text: 'Equipment at home: bath lift' }, `${random.between(2015, 2017)}-06-01`, '2018-11-30');
  return feed.push();
}

function continuingCare(random: Random, somebody: Somebody): Push {
  const feed = createFeed('dorset-ccg', somebody);
  tell.episode(feed, { text: 'NHS continuing healthcare' }, `${random.between(2019, 2021)}-09-01`, '2022-06-30');
  return feed.push();
}

function ambulance(random: Random, somebody: Somebody, today: string): Push {
  const feed = createFeed('swasft', somebody);
  const day = dayBefore(today, random.between(3, 500));
  const outcome = random.pick(['looked after at home', 'taken to hospital', 'advice given']);
  tell.encounter(feed, 'emergency', { text: `999 call, ${outcome}` }, { start: `${day}T03:10:00Z`, end: `${day}T04:20:00Z` });
  return feed.push();
}

const two = (number: number): string => String(number).padStart(2, '0');

const dayBefore = (day: string, days: number): string => new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
