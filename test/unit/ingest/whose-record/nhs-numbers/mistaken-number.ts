import { expect } from 'vitest';
import { addressIn, numbered, type Partners } from '../../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../../resources.ts';

/** A patient whom a hospital took for somebody else: three things that it said stand under the wrong number. */
export async function mistakenNumber(partners: Partners) {
  const [hospital, practice] = [partners.partner('uhd'), partners.partner('surgery')];
  const [mrn, wrong, right] = [unique('M'), nhsNumber(), nhsNumber()];
  await practice.post(somebody('Wrong', [nhs(wrong)]));
  await practice.post(allergy('egg', byNhs(wrong)));
  await practice.post(somebody('Right', [nhs(right)]));
  const ada = (number: string, more: object = {}) => somebody('Ada', [mr(mrn), nhs(number)], { id: mrn, ...more });
  const created = await hospital.post(ada(wrong));
  const penicillin = allergy('penicillin', byMr(mrn), { id: `penicillin-${mrn}` });
  const weight = result('weight', byNhs(wrong), { id: `weight-${mrn}` });
  const height = result('height', { reference: `Patient/${mrn}` }, { id: `height-${mrn}` });
  const said: string[] = [];
  for (const resource of [penicillin, weight, height]) said.push(addressIn(await hospital.post(resource)));
  expect(await partners.record(numbered(wrong))).toEqual(UNDER_WRONG);
  return { mrn, wrong, right, ada, created, said, penicillin, weight, height };
}
export type MistakenNumber = Awaited<ReturnType<typeof mistakenNumber>>;

/** The record of the wrong person while the mistake stands, and once it is corrected and nothing is put right yet. */
export const UNDER_WRONG = [
  'surgery AllergyIntolerance egg',
  'surgery Patient Wrong',
  'uhd AllergyIntolerance penicillin',
  'uhd Observation height',
  'uhd Observation weight',
  'uhd Patient Ada',
];
export const DOUBTED = [
  'surgery AllergyIntolerance egg',
  'surgery Patient Wrong',
  'uhd AllergyIntolerance penicillin (about somebody else)',
  'uhd Observation height (about somebody else)',
  'uhd Observation weight (about somebody else)',
];
