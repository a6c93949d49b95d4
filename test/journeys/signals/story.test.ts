import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';
import { type Partner, signIn } from '../actors/partner.ts';
import { byNumber, FAMILY, heartRate, type Numbered, PRACTICES, peopleOf } from '../actors/people.ts';
import { changesOf, type Subscriber, subscribe } from '../actors/queue.ts';
import { create, push, type Written } from '../actors/record.ts';
import { type SampleSubscriber, startSampleSubscriber } from '../actors/sample-subscriber.ts';
import { ownSubscription } from '../actors/subscription.ts';

const somebody = peopleOf('signals');
const demo = inject('demo');
const dataDir = inject('dataDir');

/** The home-care agency, as councils name it. */
const AGENCY = { organisation: 'limpet', code: 'X99020', name: 'Limpet Home Care' };

let ward: Partner;
let practice: Partner;
let council: Partner;
/** Where the agency's webhook listens, when it does. */
let agency: SampleSubscriber;
const hospital = subscribe(demo, 'uhd');
const gp = subscribe(demo, 'ammonite');
const socialWorker: Subscriber<fhir4.Bundle & { type: 'history' }> = subscribe(demo, 'bcp') as never;

beforeAll(async () => {
  [ward, practice, council] = (await Promise.all(['uhd', 'ammonite', 'bcp'].map((each) => signIn(demo, each)))) as [
    Partner,
    Partner,
    Partner,
  ];
  agency = await startSampleSubscriber(dataDir, AGENCY.organisation, 0);
  // The council has asked for FHIR.
  const subscription = await ownSubscription(council, 'message');
  const changed = { ...subscription, channel: { ...subscription.channel, payload: 'application/fhir+json' } };
  expect((await council.put(`Subscription/${subscription.id}`, changed)).status).toBe(200);
});
afterAll(async () => {
  await agency?.stop();
  hospital.close();
  gp.close();
  socialWorker.close();
});

/** Somebody whose package of care the council has commissioned from the agency, and who is registered with the practice. */
async function caredFor(): Promise<{ person: Numbered; personId: string }> {
  const person = somebody({ practice: PRACTICES.ammonite });
  const feed = createFeed('bcp', person);
  feed.add({
    resourceType: 'EpisodeOfCare',
    status: 'active',
    type: [{ text: 'Care at home, twice a day' }],
    patient: feed.patient,
    period: { start: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10) },
    managingOrganization: {
      type: 'Organization',
      identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: AGENCY.code },
      display: AGENCY.name,
    },
  });
  const [{ personId }] = (await push(council, feed.push())) as [Written];
  return { person, personId };
}

/** Somebody's stay, as the ward tells of it. */
const stay = (person: Numbered, status: fhir4.Encounter['status']): fhir4.Encounter => ({
  resourceType: 'Encounter',
  identifier: [{ system: 'https://ward.example/stays', value: person.key }],
  status,
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP', display: 'inpatient encounter' },
  subject: byNumber(person.nhsNumber),
  period: { start: new Date(Date.now() - 600_000).toISOString() },
});

const kindsOf = (events: readonly Pick<ChangeEvent, 'type'>[]): string[] =>
  events.map(({ type }) => type.replace(/^uk\.chesil\.|\.\d+$/g, ''));

/** What the social worker's system finds in the FHIR form. */
function readNotification(bundle: fhir4.Bundle): { kind: string; person: string } {
  const parameters = bundle.entry![0]!.resource as fhir4.Parameters;
  const context = parameters.parameter!.find(({ name }) => name === 'additional-context')?.part ?? [];
  const partOf = (name: string) => context.find((part) => part.name === name);
  return {
    kind: kindsOf([{ type: partOf('event-type')?.valueString ?? '' }])[0]!,
    person: partOf('subject')?.valueReference?.identifier?.value ?? '',
  };
}

const toldToSocialWorker = (personId: string): string[] =>
  socialWorker.heard
    .filter(({ entry }) => entry !== undefined)
    .map((bundle) => readNotification(bundle))
    .filter(({ person }) => person === personId)
    .map(({ kind }) => kind);

/** What the agency's sample subscriber has said about somebody: it names people by the beginning of their id. */
const toldToAgency = (personId: string): string[] =>
  agency
    .lines()
    .filter((line) => line.includes(`person ${personId.slice(0, 8)}…`))
    .map((line) => /#\d+ {2}([a-z ]+):/.exec(line)![1]!);

describe('a ward admits somebody', () => {
  it('and everybody who should act hears of it on their own channel, hears when it is taken back, and nothing more once the person opts out', async () => {
    // Given somebody at home with care, and an agency whose webhook is down
    const { person, personId } = await caredFor();
    await gp.listen((heard) => changesOf(heard, personId).length > 0);
    await agency.says(new RegExp(`care package started: person ${personId.slice(0, 8)}`));
    await agency.kill();

    // When the ward pushes an Encounter
    const admission = await create(ward, stay(person, 'in-progress'));
    expect(admission.personId).toBe(personId);

    // Then the GP hears of it in a queue, as a CloudEvent
    await gp.listen((heard) => kindsOf(changesOf(heard, personId)).includes('admitted'));
    const admitted = changesOf(gp.heard, personId).find(({ type }) => type === 'uk.chesil.admitted.1')!;
    expect(admitted).toMatchObject({ subject: personId, contributor: 'uhd', eventnumber: expect.any(Number) });
    expect((await practice.get(admitted.dataref)).json).toMatchObject({ resourceType: 'Encounter', status: 'in-progress' });
    // And the social worker in another, in the FHIR form
    await socialWorker.listen(() => toldToSocialWorker(personId).includes('admitted'));
    // And the agency once its webhook is back, by what it asks for and what is sent again
    agency = await startSampleSubscriber(dataDir, AGENCY.organisation, agency.port);
    await agency.says(new RegExp(`admitted: person ${personId.slice(0, 8)}…, told by uhd\\. Encounter, in-progress`));
    expect(toldToAgency(personId).filter((kind) => kind === 'admitted')).toHaveLength(1);

    // When the ward cancels
    const cancelled = await ward.put(`Encounter/${admission.id}`, { ...stay(person, 'cancelled'), id: admission.id });
    expect(cancelled.status).toBe(200);
    // Then everybody who was told hears it
    await gp.listen((heard) => kindsOf(changesOf(heard, personId)).includes('admission-cancelled'));
    await socialWorker.listen(() => toldToSocialWorker(personId).includes('admission-cancelled'));
    await agency.says(new RegExp(`admission cancelled: person ${personId.slice(0, 8)}`));

    // When the person opts out
    const refusal = createFeed('uhd', person);
    tell.consent(refusal, 'Does not want their record shared', { type: 'deny' }, '2026-01-01');
    await push(ward, refusal.push());
    const heardByThen = {
      gp: changesOf(gp.heard, personId).length,
      socialWorker: toldToSocialWorker(personId).length,
      agency: toldToAgency(personId).length,
    };
    await create(ward, heartRate('after', byNumber(person.nhsNumber)));
    await create(ward, {
      ...stay(person, 'in-progress'),
      identifier: [{ system: 'https://ward.example/stays', value: 'again' }],
    });
    // Then nothing of what happens after comes, to anybody but the ward itself
    await hospital.listen((heard) => kindsOf(changesOf(heard, personId)).filter((kind) => kind === 'admitted').length === 2);
    await everybodyHearsOfAnother();
    expect(await sinceThen(personId, heardByThen)).toEqual([]);
    // And nobody was told who it is
    const said = [...gp.heard, ...socialWorker.heard, ...agency.lines()].map((each) => JSON.stringify(each)).join('\n');
    for (const secret of [person.nhsNumber, FAMILY]) expect(said).not.toContain(secret);
  });

  /** What is announced after comes after: once it is there, all before it has come too. */
  async function everybodyHearsOfAnother() {
    const { person, personId } = await caredFor();
    await create(ward, stay(person, 'in-progress'));
    await gp.listen((heard) => kindsOf(changesOf(heard, personId)).includes('admitted'));
    await socialWorker.listen(() => toldToSocialWorker(personId).includes('admitted'));
    await agency.says(new RegExp(`admitted: person ${personId.slice(0, 8)}`));
  }

  /** Kinds of changes that were heard of since, but that the person has opted out. */
  async function sinceThen(personId: string, then: { gp: number; socialWorker: number; agency: number }): Promise<string[]> {
    return [
      ...kindsOf(changesOf(gp.heard, personId)).slice(then.gp),
      ...toldToSocialWorker(personId).slice(then.socialWorker),
      ...toldToAgency(personId).slice(then.agency),
    ].filter((kind) => !/^opt.out.changed$/.test(kind));
  }
});
