import { describe, expect, it } from 'vitest';
import type { Look, LookFacts } from '../../../shared/access/review/look.ts';
import { LOOK_RULES } from '../../../shared/access/review/rules.ts';

const PERSON = 'a'.repeat(26);
const HOME = '1 Quay Street|BH15 1AA';

const look: Look = {
  access: '2026-11-24T10:00:00.000Z#bbbbbbbbbbbbbbbb',
  at: '2026-11-24T10:00:00.000Z',
  person: PERSON,
  organisation: 'hhft',
  staff: 'hampshire|nurse',
  name: 'Nia Nurse',
  role: 'clinician',
};
const nobody = { families: ['Stranger'], names: ['Sam Stranger'], homes: ['9 Cliff Road|DT4 8AA'] };
const facts: LookFacts = { person: nobody, watched: false };
const known = (person: string, home = HOME) => ({
  viewer: { person, particulars: { families: ['Nurse'], names: ['Nia Nurse'], homes: [home] } },
});

const named = (name: string, family: string, given = 'Sam') => ({
  look: { ...look, name },
  facts: { ...facts, person: { ...nobody, families: [family], names: [`${given} ${family}`] } },
});

/** What each look is found by. */
describe.each<[string, { look?: Look; facts?: LookFacts }, readonly string[]]>([
  ['a stranger', {}, []],
  ['somebody of the same surname', named('Nia Nurse', 'NURSE'), ['same-surname']],
  ['somebody of the same surname, with accents and a title', named('Dr Zoë Núñez', 'Nunez'), ['same-surname']],
  ['somebody of the same surname of two words', named('Ana de Silva', 'De Silva'), ['same-surname']],
  ['somebody whose given name is the surname', named('Nia Nurse', 'Stranger', 'Nurse'), []],
  ['somebody without a family name', named('Nia Nurse', ''), []],
  ['by somebody whose provider gives no whole name', named('nurse', 'Nurse'), []],
  ['somebody of the whole name', named('Nia Nurse', 'Nurse', 'Nia'), ['own-record']],
  ['their own record, known as theirs', { facts: { ...facts, ...known(PERSON) } }, ['own-record']],
  [
    'a namesake, where their own record is known',
    { ...named('Nia Nurse', 'Nurse', 'Nia'), facts: { ...named('', 'Nurse', 'Nia').facts, ...known('c'.repeat(26)) } },
    [],
  ],
  [
    'somebody who lives where they live',
    { facts: { ...facts, ...known('c'.repeat(26)), person: { ...nobody, homes: ['1, Quay Street|bh15 1aa'] } } },
    ['same-household'],
  ],
  [
    'somebody who lives nowhere known',
    { facts: { ...facts, ...known('c'.repeat(26), '|'), person: { ...nobody, homes: ['|'] } } },
    [],
  ],
  ['a colleague', { facts: { ...facts, colleague: 'hampshire|other' } }, ['colleague']],
  ['themselves, known as staff', { facts: { ...facts, colleague: 'hampshire|nurse', ...known(PERSON) } }, ['own-record']],
  ['a watched record', { facts: { ...facts, watched: true } }, ['watched']],
])('a look at %s', (_, given, found) => {
  it(`is found by ${found.join() || 'nothing'}`, () => {
    const by = LOOK_RULES.filter((rule) => rule.finds(given.look ?? look, given.facts ?? facts));
    expect(by.map(({ name }) => name)).toEqual(found);
  });
});
