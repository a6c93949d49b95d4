import { expect } from 'vitest';
import { addressIn, type Partners, personIn } from '../partners.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

/** The `link` element of a Patient. */
export const link = (type: string, target: object) => ({ link: [{ other: target, type }] });
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** A patient whom the hospital knows by its own number alone, with an allergy, and whom it has referred to the other. */
export async function referredPatient(partners: Partners) {
  const [hospital, other] = [partners.partner('uhd'), partners.partner('dch')];
  const number = unique('M');
  const created = await hospital.post(somebody('Ada', [mr(number)]));
  await hospital.post(allergy('penicillin', byMr(number)));
  const referral = await hospital.post({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    authoredOn: new Date().toISOString().slice(0, 10),
    code: { text: 'clinic' },
    subject: byMr(number),
    performer: [{ type: 'Organization', identifier: { system: ODS, value: 'TDCH' } }],
  });
  expect(referral.status).toBe(201);
  const local = personIn(created);
  const seen = await other.post(result('seen', { reference: `Patient/${local}` }));
  expect(seen.status, 'the other may see the patient').toBe(201);
  return { number, local, address: addressIn(created) };
}
export type ReferredPatient = Awaited<ReturnType<typeof referredPatient>>;

/** What their record says. */
export const ADA = ['dch Observation seen', 'uhd AllergyIntolerance penicillin', 'uhd Patient Ada', 'uhd ServiceRequest clinic'];

/** Somebody with an NHS number and something to be read. */
export async function strangerWithNumber(partners: Partners): Promise<string> {
  const number = nhsNumber();
  await partners.partner('surgery').post(somebody('Stranger', [nhs(number)]));
  await partners.partner('surgery').post(allergy('secret', byNhs(number)));
  return number;
}
