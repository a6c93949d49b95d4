import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, type Partner, signIn } from '../actors/partner.ts';
import { byNumber, FAMILY, NHS_NUMBER, PRACTICES, peopleOf } from '../actors/people.ts';
import { changesOf, type Subscriber, subscribe } from '../actors/queue.ts';
import { create, resourcesOf, type Written } from '../actors/record.ts';

const somebody = peopleOf('whose-record');
const demo = inject('demo');
/** A hospital, another one, the practice where everybody is registered, and the service that traces NHS numbers. */
let hospital: Partner;
let other: Partner;
let practice: Partner;
let tracing: Partner;

beforeAll(async () => {
  [hospital, other, practice, tracing] = (await Promise.all(
    ['uhd', 'dch', 'ammonite', 'pds'].map((each) => signIn(demo, each)),
  )) as [Partner, Partner, Partner, Partner];
});

const VERIFICATION = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';
const nhs = (value: string, more: object = {}) => ({ system: NHS_NUMBER, value, ...more });
const verified = (value: string) =>
  nhs(value, { extension: [{ url: VERIFICATION, valueCodeableConcept: { coding: [{ code: '01' }] } }] });
/** A patient number of an organisation. */
const number = (organisation: string, value: string) => ({ system: `https://${organisation}.example/mrn`, value });
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const registered = {
  generalPractitioner: [{ type: 'Organization', identifier: { system: ODS, value: PRACTICES.ammonite.code } }],
};

const patient = (identifier: readonly object[], more: object = {}) =>
  ({ resourceType: 'Patient', identifier, name: [{ family: FAMILY }], birthDate: '2026-11-02', ...registered, ...more }) as never;
const allergy = (text: string, whom: object, id: string) =>
  ({
    resourceType: 'AllergyIntolerance',
    id,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    code: { text },
    patient: whom,
  }) as never;
const whom = (identifier: object) => ({ type: 'Patient', identifier });

/** What a partner reads of somebody whom it asks for by NHS number: the allergies, and what is marked as somebody else's. */
async function allergiesOf(partner: Partner, nhsNumber: string): Promise<string[]> {
  const found = await partner.post('Patient/_search', new URLSearchParams({ identifier: `${NHS_NUMBER}|${nhsNumber}` }));
  const [person] = resourcesOf(found.json);
  return person === undefined ? [] : allergiesAt(partner, person.id!);
}

async function allergiesAt(partner: Partner, personId: string): Promise<string[]> {
  const { json } = await partner.get(`AllergyIntolerance?patient=${personId}`);
  return resourcesOf(json)
    .map((one) => {
      const { code, meta } = one as fhir4.AllergyIntolerance;
      const isDoubted = meta?.tag?.some(({ code: tag }) => tag === 'about-somebody-else');
      return `${code?.text}${isDoubted ? ' (about somebody else)' : ''}`;
    })
    .sort();
}

const issuesIn = ({ json }: Answer): string[] =>
  ((json as fhir4.OperationOutcome).issue ?? [])
    .flatMap(({ details }) => details?.coding?.[0]?.code ?? [])
    .filter((code) => code !== 'written');
const SAYING = { prefer: 'return=OperationOutcome' };
const kept = (answer: Answer): Answer => {
  expect([200, 201], answer.text).toContain(answer.status);
  return answer;
};

describe('a baby', () => {
  it('whom the hospital knew without a number is found by number with what is dangerous, whatever another hospital says', async () => {
    // Given a baby with an allergy, known by the hospital's number alone
    const { nhsNumber, key } = somebody();
    const mrn = number('uhd', key);
    const born = await create(hospital, patient([mrn]));
    await create(hospital, allergy('latex', whom(mrn), key));
    expect(await allergiesOf(practice, nhsNumber)).toEqual([]);
    // When the NHS number arrives, and is sent with the baby from now on
    kept(await hospital.post('Patient', patient([mrn, nhs(nhsNumber)])));
    // Then the practice, which asks by that number, sees the allergy
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex']);
    // When another hospital, to which the baby was moved, says that its own patient replaces the first hospital's
    const theirs = number('dch', key);
    await create(other, patient([theirs, nhs(nhsNumber)]));
    const link = [{ type: 'replaces', other: { reference: `Patient/${born.personId}` } }];
    kept(await other.post('Patient', patient([theirs, nhs(nhsNumber)], { link })));
    // And leaves it out again, and deletes its patient
    const again = await create(other, patient([theirs, nhs(nhsNumber)]));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex']);
    expect((await other.delete(`Patient/${again.id}`)).status).toBe(204);
    kept(await hospital.post('Patient', patient([mrn, nhs(nhsNumber)])));
    // Then the practice sees the allergy as before
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex']);
  });

  it('and its mother, who share a household number, are each found with their own', async () => {
    const [mother, baby] = [somebody(), somebody()];
    const household = { system: 'https://council.example/household', value: mother.key };
    const tell = async (person: typeof mother, text: string) => {
      const mrn = number('uhd', person.key);
      await create(hospital, patient([household, mrn]));
      await create(hospital, allergy(text, whom(mrn), person.key));
      return () => hospital.post('Patient', patient([household, mrn, nhs(person.nhsNumber)]));
    };
    const numbered = [await tell(mother, 'penicillin'), await tell(baby, 'latex')];
    for (const each of numbered) kept(await each());
    expect(await allergiesOf(practice, mother.nhsNumber)).toEqual(['penicillin']);
    expect(await allergiesOf(practice, baby.nhsNumber)).toEqual(['latex']);
  });
});

describe('two registrations of one patient', () => {
  /** Registered twice by the hospital: with the number, and in an emergency without. */
  async function twice() {
    const { nhsNumber, key } = somebody();
    const [keep, drop] = [number('uhd', `${key}-keep`), number('uhd', `${key}-drop`)];
    const survivor = await create(hospital, patient([keep, nhs(nhsNumber)], { id: `${key}-keep` }));
    const emergency = (link?: object) => patient([drop], { id: `${key}-drop`, ...(link === undefined ? {} : { link: [link] }) });
    const loser = await create(hospital, emergency());
    await create(hospital, allergy('penicillin', whom(keep), `${key}-1`));
    await create(hospital, allergy('latex', whom(drop), `${key}-2`));
    const merged = emergency({ type: 'replaced-by', other: { reference: `Patient/${key}-keep` } });
    return { nhsNumber, key, keep, drop, survivor, loser, emergency, merged };
  }

  it('are one record when the hospital merges them, and two again, each with its own, when it takes that back', async () => {
    const { nhsNumber, key, keep, drop, loser, emergency, merged } = await twice();
    await create(practice, patient([nhs(nhsNumber)]));
    const subscriber = subscribe(demo, 'ammonite');
    // Before the merge the practice sees one of the two
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['penicillin']);
    kept(await hospital.post('Patient', merged));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex', 'penicillin']);
    // What is said while they are one, by the number of each
    await create(hospital, allergy('egg', whom(keep), `${key}-3`));
    await create(hospital, allergy('nuts', whom(drop), `${key}-4`));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['egg', 'latex', 'nuts', 'penicillin']);
    // When the hospital finds that they were two people after all
    kept(await hospital.post('Patient', emergency()));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['egg', 'penicillin']);
    expect(await allergiesAt(hospital, loser.personId)).toEqual(['latex', 'nuts']);
    await hears(subscriber, nhsNumber, ['persons-linked', 'persons-unlinked']);
  });

  it('are not taken apart, nor joined, by another organisation', async () => {
    const { nhsNumber, key, loser, merged } = await twice();
    await create(other, patient([number('dch', key), nhs(nhsNumber)]));
    const link = [{ type: 'replaces', other: { reference: `Patient/${loser.personId}` } }];
    await other.post('Patient', patient([number('dch', key), nhs(nhsNumber)], { link }));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['penicillin']);
    kept(await hospital.post('Patient', merged));
    await other.post('Patient', patient([number('dch', key), nhs(nhsNumber)]));
    expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex', 'penicillin']);
  });
});

/** Waits until a subscriber has heard of changes of these types about somebody. */
async function hears(subscriber: Subscriber, nhsNumber: string, types: readonly string[]): Promise<void> {
  const found = await practice.post('Patient/_search', new URLSearchParams({ identifier: `${NHS_NUMBER}|${nhsNumber}` }));
  const personId = resourcesOf(found.json)[0]!.id!;
  const isHeard = (type: string) => changesOf(subscriber.heard, personId).some((event) => event.type === `uk.chesil.${type}.1`);
  try {
    await subscriber.listen(() => types.every(isHeard));
  } finally {
    subscriber.close();
  }
}

describe('an NHS number that was replaced', () => {
  it('leads to one record with the new one once the service that traces numbers says so, and it is announced', async () => {
    const [before, now] = [somebody(), somebody()];
    await create(practice, patient([nhs(before.nhsNumber)]));
    await create(practice, allergy('penicillin', byNumber(before.nhsNumber), before.key));
    await create(hospital, patient([nhs(now.nhsNumber)]));
    await create(hospital, allergy('latex', byNumber(now.nhsNumber), now.key));
    // What anybody else says of it joins nothing
    const replaced = patient([nhs(before.nhsNumber, { use: 'old' }), verified(now.nhsNumber)], { id: `traced-${now.key}` });
    kept(await hospital.post('Patient', replaced));
    expect(await allergiesOf(practice, now.nhsNumber)).toEqual(['latex']);
    const subscriber = subscribe(demo, 'ammonite');
    // When the service that traces numbers says it
    kept(await tracing.post('Patient', replaced));
    // Then both numbers read one record
    for (const { nhsNumber } of [before, now]) expect(await allergiesOf(practice, nhsNumber)).toEqual(['latex', 'penicillin']);
    await hears(subscriber, now.nhsNumber, ['nhs-number-changed']);
    // And when it takes it back they are two
    kept(await tracing.post('Patient', patient([verified(now.nhsNumber)], { id: `traced-${now.key}` })));
    expect(await allergiesOf(practice, before.nhsNumber)).toEqual(['penicillin']);
    expect(await allergiesOf(practice, now.nhsNumber)).toEqual(['latex']);
  });
});

describe('an NHS number that was mistaken', () => {
  it('is corrected: what was said under it is listed, marked there, and hinted at nowhere else, until it is put right', async () => {
    // Given a patient whom the hospital took for somebody else
    const [wrong, right] = [somebody(), somebody()];
    for (const { nhsNumber } of [wrong, right]) await create(practice, patient([nhs(nhsNumber)]));
    await create(practice, allergy('egg', byNumber(wrong.nhsNumber), wrong.key));
    const mrn = number('uhd', right.key);
    const told = (nhsNumber: string) => patient([mrn, nhs(nhsNumber)], { id: right.key });
    await create(hospital, told(wrong.nhsNumber));
    const said: Written[] = [];
    for (const text of ['latex', 'penicillin'])
      said.push(await create(hospital, allergy(text, whom(mrn), `${right.key}-${text}`)));
    expect(await allergiesOf(practice, wrong.nhsNumber)).toEqual(['egg', 'latex', 'penicillin']);
    // When it sends the right number
    const corrected = kept(await hospital.post('Patient', told(right.nhsNumber), SAYING));
    // Then it is told what it said under the wrong one
    expect(issuesIn(corrected)).toEqual(['number-corrected']);
    for (const { id } of said) expect(corrected.text).toContain(id);
    // And whoever reads the wrong person sees that it is about somebody else, without a word of whom
    const doubted = ['egg', 'latex (about somebody else)', 'penicillin (about somebody else)'];
    expect(await allergiesOf(practice, wrong.nhsNumber)).toEqual(doubted);
    expect(await allergiesOf(practice, right.nhsNumber)).toEqual([]);
    for (const { nhsNumber } of [wrong, right]) {
      const found = await practice.post('Patient/_search', new URLSearchParams({ identifier: `${NHS_NUMBER}|${nhsNumber}` }));
      const everything = await practice.get(`Patient/${resourcesOf(found.json)[0]!.id}/$everything`);
      expect(everything.text).not.toContain(nhsNumber === wrong.nhsNumber ? right.nhsNumber : wrong.nhsNumber);
    }
    // When it sends one of them again, and retracts the other
    await create(hospital, allergy('penicillin', whom(mrn), `${right.key}-penicillin`));
    expect((await hospital.delete(`AllergyIntolerance/${said[0]!.id}`)).status).toBe(204);
    // Then each has what is theirs
    expect(await allergiesOf(practice, wrong.nhsNumber)).toEqual(['egg']);
    expect(await allergiesOf(practice, right.nhsNumber)).toEqual(['penicillin']);
  });
});
