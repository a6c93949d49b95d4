import { createFeed, once, type Somebody } from '../feed.ts';
import * as tell from '../fragments.ts';
import { type Lately, type Practice, registered, type Story, storyNumber } from './story.ts';

/** A young man who has written down what helps when things get hard, who trusts his brother, and who keeps one thing to himself. */
export function crisisPlan(practice: Practice, lately: Lately): Story {
  const idris: Somebody = registered(
    {
      key: 'idris',
      nhsNumber: storyNumber(13),
      family: 'Fleet',
      given: ['Idris'],
      gender: 'male',
      birthDate: '2001-12-03',
      address: { line: 'Flat 2, 40 Harbour View', town: 'Weymouth', postalCode: 'DT4 9ZZ' },
      phone: '01632 960106',
    },
    practice,
  );
  const community = createFeed('dhc', idris);
  tell.condition(community, { code: '13746004', text: 'Bipolar disorder' }, '2022-09');
  tell.episode(community, { text: 'Community mental health team, care co-ordinator Rosa Eype' }, '2022-10-04');
  tell.carePlan(
    community,
    'Crisis plan',
    'Early signs: not sleeping, spending. What helps: a quiet room, his brother Conor, music. What does not: many voices, being touched without asking.',
    '2026-08-27',
    ['Ring Conor first', 'The Retreat in Dorchester is open every evening', 'Connect line, day and night'],
  );
  tell.medicine(community, { text: 'Lithium carbonate 400mg modified-release tablets' }, 'One at night', '2023-01-16');
  tell.relatedPerson(community, {
    family: 'Fleet',
    given: 'Conor',
    relationship: 'Brother, first to ring',
    phone: '01632 960107',
  });

  tell.proxy(community, { name: 'Conor Fleet', nhsNumber: storyNumber(27), as: 'Brother' }, '2026-08-27');

  const surgery = createFeed(practice.organisation, idris);
  // Another organisation tells that the team cares for him, so that it can say who acts for him.
  tell.referral(surgery, { text: 'Community mental health team' }, '2026-08-01', { name: 'Dorset HealthCare', code: 'RDY' });
  tell.seal(surgery, tell.condition(surgery, { text: 'Panic attacks, since the accident' }, '2020-11'), '2026-02-02');
  tell.condition(surgery, { code: '43116000', text: 'Eczema' }, '2004');
  tell.measurement(surgery, { text: 'Serum lithium level' }, 0.7, 'mmol/L', '2026-11-02T08:50:00Z');

  const ambulance = createFeed('swasft', idris);
  tell.encounter(
    once(ambulance),
    'emergency',
    { text: '999 call, crisis plan followed, stayed at home with his brother' },
    { start: lately(2, '01:10'), end: lately(2, '02:25') },
  );

  return {
    story: 'A mental health crisis plan',
    nhsNumber: idris.nhsNumber!,
    pushes: [surgery.push(), community.push(), ambulance.push()],
  };
}

/** Someone whose whereabouts must not be given away. */
export function restricted(practice: Practice): Story {
  const leila: Somebody = registered(
    {
      key: 'leila',
      nhsNumber: storyNumber(8),
      family: 'Osmington',
      given: ['Leila'],
      gender: 'female',
      birthDate: '1988-05-25',
      address: { line: '5 Beacon Lane', town: 'Christchurch', postalCode: 'BH23 9ZZ' },
      phone: '01632 960108',
      confidentiality: 'R',
    },
    practice,
  );
  const surgery = createFeed(practice.organisation, leila);
  tell.condition(surgery, { code: '37796009', text: 'Migraine' }, '2010');
  tell.medicine(surgery, { code: '322236009', text: 'Paracetamol 500mg tablets' }, 'Two when a headache starts', '2022-03-03');

  const council = createFeed('bcp', leila);
  tell.flag(council, { text: 'Where she lives is not to be told to anyone' }, '2026-02-10', {
    system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
    code: 'R',
    display: 'restricted',
  });

  return {
    story: 'A person flagged restricted: where she lives is shown to nobody',
    nhsNumber: leila.nhsNumber!,
    pushes: [surgery.push(), council.push()],
  };
}

/** Someone who does not want to share. */
export function optedOut(practice: Practice): Story {
  const victor: Somebody = registered(
    {
      key: 'victor',
      nhsNumber: storyNumber(9),
      family: 'Moreton',
      given: ['Victor'],
      prefix: 'Mr',
      gender: 'male',
      birthDate: '1963-10-19',
      address: { line: '2 Tithe Barn Lane', town: 'Bridport', postalCode: 'DT6 9ZZ' },
    },
    practice,
  );
  const surgery = createFeed(practice.organisation, victor);
  tell.condition(surgery, { code: '44054006', text: 'Type 2 diabetes mellitus' }, '2017-03');
  tell.medicine(
    surgery,
    { code: '325278007', text: 'Metformin 500mg tablets' },
    'One with breakfast and one with supper',
    '2017-04-11',
  );
  tell.consent(surgery, 'Opted out of the local shared care record', { type: 'deny' }, '2026-01-15');

  return { story: 'A person who opted out of sharing', nhsNumber: victor.nhsNumber!, pushes: [surgery.push()] };
}
