import { MRN, mr, NHS, nhs, somebody } from '../../resources.ts';

/** Made-up people as they are, and what systems say of them: truly, or mistakenly that one is another. */

/** Systems that send: two of one organisation, and another organisation's. */
export const SYSTEMS = [
  { organisation: 'uhd', source: 'main' },
  { organisation: 'uhd', source: 'lab' },
  { organisation: 'dch', source: 'main' },
] as const;
export type System = (typeof SYSTEMS)[number];
export const PEOPLE = [0, 1, 2] as const;
/** Whom nobody has registered: one organisation tells of them by NHS number alone. Each may be mistaken for one of the others. */
export const STRANGERS = [3, 4, 5] as const;
export const EVERYBODY = [...PEOPLE, ...STRANGERS] as const;
export const strangerLike = (person: number): number => person + PEOPLE.length;

/** The world of one history: who has which number, and on which day everybody was born. */
export interface World {
  readonly run: number;
  readonly numbers: readonly string[];
  readonly birthDates: readonly string[];
}

/**
 * What a system calls a person by its own id: the same few ids in every system, for different people.
 * Patient numbers are an organisation's, and alike in both organisations for different people.
 */
export const ownIdOf = (world: World, system: System, person: number): string =>
  `${world.run}-${(person + SYSTEMS.indexOf(system)) % PEOPLE.length}`;
export const patientNumberOf = (world: World, { organisation }: System, person: number, which: number): string =>
  `${world.run}-${(person + (organisation === 'uhd' ? 0 : 1)) % PEOPLE.length}-${which}`;

/** One Patient message. */
export interface PatientMessage {
  readonly system: System;
  readonly person: number;
  readonly withId: boolean;
  /** Which of the person's patient numbers it bears. At least one where it bears no id. */
  readonly patientNumbers: readonly number[];
  /** Whose NHS number it bears: nobody's, the person's own, or by mistake another one's. */
  readonly numberOf?: number | undefined;
  /** By mistake: that this person replaces, or is replaced by, another. */
  readonly replaces?: { readonly person: number; readonly by: 'id' | 'NHS number'; readonly type: string } | undefined;
  /** Identifiers that everybody in the household has. */
  readonly shared: boolean;
  readonly sharedFirst: boolean;
}

export function patientOf(world: World, message: PatientMessage) {
  const { system, person, withId, patientNumbers, numberOf, replaces, shared, sharedFirst } = message;
  const own = [
    ...patientNumbers.map((which) => mr(patientNumberOf(world, system, person, which))),
    ...(numberOf === undefined ? [] : [nhs(world.numbers[numberOf]!)]),
  ];
  const household = [
    { system: 'https://council.example/household', value: `${world.run}` },
    mr(`temporary-${world.run}`, { use: 'temp' }),
    nhs('0000000000'),
  ];
  const identifier = !shared ? own : sharedFirst ? [...household, ...own] : [...own, ...household];
  return somebody(familyOf(person), identifier, {
    ...(withId ? { id: ownIdOf(world, system, person) } : {}),
    birthDate: world.birthDates[person],
    ...(replaces === undefined ? {} : { link: [{ type: replaces.type, other: targetOf(world, system, replaces) }] }),
  });
}

const targetOf = (world: World, system: System, { person, by }: NonNullable<PatientMessage['replaces']>) =>
  by === 'id'
    ? { reference: `Patient/${ownIdOf(world, system, person)}` }
    : { type: 'Patient', identifier: { system: NHS, value: world.numbers[person] } };

/** By the name alone one sees whose Patient it is. */
export const familyOf = (person: number): string => `Person${person}`;

/** A fact about a person, by one of the names that a system has for them. */
export interface FactMessage {
  readonly system: System;
  readonly person: number;
  readonly by: 'id' | 'patient number' | 'NHS number';
  readonly which: number;
}

/** `serial` is its own id; what it says begins with whom it is about. */
export function factOf(world: World, { system, person, by, which }: FactMessage, serial: number) {
  const subject = {
    id: { reference: `Patient/${ownIdOf(world, system, person)}` },
    'patient number': { type: 'Patient', identifier: { system: MRN, value: patientNumberOf(world, system, person, which) } },
    'NHS number': { type: 'Patient', identifier: { system: NHS, value: world.numbers[person] } },
  }[by];
  return {
    resourceType: 'Observation',
    id: `fact-${world.run}-${serial}`,
    status: 'final',
    code: { text: `${person}: fact ${serial}` },
    subject,
  };
}

/** What names the fragment of a Patient message, within its system. */
export const patientKey = (world: World, { system, person, withId, patientNumbers }: PatientMessage): string =>
  JSON.stringify([
    system.organisation,
    system.source,
    withId ? `id ${ownIdOf(world, system, person)}` : `number ${[...patientNumbers].sort()[0]}`,
    withId ? '' : person,
  ]);

/** Which people are one by what somebody's Patients say now. */
export function joinedBy(statements: Iterable<PatientMessage>): (one: number, other: number) => boolean {
  const group = EVERYBODY.map((person) => person as number);
  const join = (one: number, other: number) => {
    const [from, to] = [group[one]!, group[other]!];
    for (const person of EVERYBODY) if (group[person] === from) group[person] = to;
  };
  for (const { person, numberOf, replaces } of statements) {
    if (numberOf !== undefined) join(person, numberOf);
    if (replaces !== undefined) join(person, replaces.person);
  }
  return (one, other) => group[one] === group[other];
}
