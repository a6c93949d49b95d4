import fc from 'fast-check';
import { addressesIn, addressIn, type Partner, type Partners, personAt, statusesIn } from '../../partners.ts';
import {
  type FactMessage,
  factOf,
  type PatientMessage,
  PEOPLE,
  patientKey,
  patientOf,
  STRANGERS,
  SYSTEMS,
  type System,
  strangerLike,
  type World,
} from './people-model.ts';

/** One step of a history: a Patient with facts sent beside it, facts alone, or a Patient deleted that was sent before. */
export type Step =
  | { readonly kind: 'send'; readonly patient: PatientMessage; readonly facts: readonly FactMessage[]; readonly how: How }
  | { readonly kind: 'facts'; readonly facts: readonly FactMessage[] }
  | { readonly kind: 'delete'; readonly which: number };
type How = 'POST' | 'PUT' | 'transaction' | 'batch';

const people = fc.constantFrom(...PEOPLE);

/** Whose number a Patient bears by mistake: that of a stranger, or of the next one whom its own system knows too. */
const MISTAKES = ['stranger', 'next'] as const;

function numberFor(person: number, whose: 'own' | 'none' | (typeof MISTAKES)[number]): number | undefined {
  if (whose === 'none') return undefined;
  if (whose === 'own') return person;
  return whose === 'stranger' ? strangerLike(person) : (person + 1) % PEOPLE.length;
}

const patients: fc.Arbitrary<PatientMessage> = fc
  .record({
    system: fc.constantFrom(...SYSTEMS),
    person: people,
    withId: fc.boolean(),
    patientNumbers: fc.uniqueArray(fc.nat(1), { maxLength: 2 }),
    numberOf: fc.constantFrom('own' as const, 'own' as const, 'none' as const, ...MISTAKES),
    replaces: fc.option(
      fc.record({
        person: people,
        by: fc.constantFrom('id' as const, 'NHS number' as const),
        type: fc.constantFrom('replaces', 'replaced-by'),
      }),
      { nil: undefined, freq: 5 },
    ),
    shared: fc.boolean(),
    sharedFirst: fc.boolean(),
  })
  .map(({ numberOf, patientNumbers, withId, ...rest }) => ({
    ...rest,
    withId,
    patientNumbers: withId || patientNumbers.length > 0 ? patientNumbers : [0],
    numberOf: numberFor(rest.person, numberOf),
  }));
const facts: fc.Arbitrary<FactMessage> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      system: fc.constantFrom(...SYSTEMS),
      person: people,
      by: fc.constantFrom('id' as const, 'patient number' as const, 'NHS number' as const),
      which: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      system: fc.constant(SYSTEMS[2]),
      person: fc.constantFrom(...STRANGERS),
      by: fc.constant('NHS number' as const),
      which: fc.constant(0),
    }),
  },
);

export const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      patient: patients,
      facts: fc.array(facts, { maxLength: 2 }),
      how: fc.constantFrom<How>('POST', 'PUT', 'transaction', 'batch'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('facts' as const), facts: fc.array(facts, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(9) }) },
);

/** A history as it goes on. */
export interface Course {
  readonly partners: Partners;
  readonly world: World;
  /** What stands now, by the name of each Patient. */
  readonly statements: Map<string, PatientMessage>;
  /** Every Patient message that was kept, the last of each name, deleted or not; and where it was answered to be. */
  readonly sent: Map<string, { readonly message: PatientMessage; readonly address: string }>;
  /** What came with a number when it came first: Patients by their name, and people by organisation. */
  readonly bornNumbered: Map<string, boolean>;
  /** Facts that were kept, by their serial number. */
  readonly facts: Map<number, FactMessage>;
  /** Persons of answered addresses. */
  readonly persons: Set<string>;
}

export const startCourse = (partners: Partners, world: World): Course => ({
  partners,
  world,
  statements: new Map(),
  sent: new Map(),
  bornNumbered: new Map(),
  facts: new Map(),
  persons: new Set(),
});

const isKept = (status: number | undefined): boolean => status === 200 || status === 201;
const partnerOf = ({ partners }: Course, { organisation, source }: System): Partner => partners.partner(organisation, source);

export async function play(course: Course, step: Step): Promise<void> {
  if (step.kind === 'send') await sendPatient(course, step.patient, step.facts, step.how);
  else if (step.kind === 'facts') for (const fact of step.facts) await sendFact(course, fact);
  else await deletePatient(course, step.which);
}

let serials = 0;

/** @returns the HTTP status. */
export async function sendFact(course: Course, fact: FactMessage, serial = ++serials): Promise<number> {
  const answer = await partnerOf(course, fact.system).post(factOf(course.world, fact, serial));
  if (isKept(answer.status)) {
    course.facts.set(serial, fact);
    course.persons.add(personAt(addressIn(answer)));
  }
  return answer.status;
}

async function sendPatient(course: Course, given: PatientMessage, beside: readonly FactMessage[], how: How): Promise<void> {
  const message = keepsNumber(course, given);
  if (how === 'POST' || how === 'PUT') {
    await sendPatientAlone(course, message, how);
    for (const fact of beside) await sendFact(course, fact);
    return;
  }
  const own = beside.filter(({ system }) => system === message.system).map((fact) => ({ fact, serial: ++serials }));
  const resources = own.map(({ fact, serial }) => factOf(course.world, fact, serial));
  const answer = await partnerOf(course, message.system)[how](patientOf(course.world, message), ...resources);
  if (answer.status !== 200) return;
  const [statuses, addresses] = [statusesIn(answer), addressesIn(answer)];
  if (isKept(statuses[0])) note(course, message, addresses[0]!);
  for (const [index, { fact, serial }] of own.entries()) if (isKept(statuses[index + 1])) course.facts.set(serial, fact);
}

/** @returns the HTTP status. */
export async function sendPatientAlone(course: Course, message: PatientMessage, how: 'POST' | 'PUT' = 'POST'): Promise<number> {
  const partner = partnerOf(course, message.system);
  const resource = patientOf(course.world, message);
  const { id } = resource as { readonly id?: string };
  const answer = how === 'PUT' && id !== undefined ? await partner.put(`Patient/${id}`, resource) : await partner.post(resource);
  if (isKept(answer.status)) note(course, message, addressIn(answer));
  return answer.status;
}

function note(course: Course, message: PatientMessage, address: string): void {
  const key = patientKey(course.world, message);
  course.statements.set(key, message);
  course.sent.set(key, { message, address });
  course.persons.add(personAt(address));
  for (const name of [key, personKey(message)])
    if (!course.bornNumbered.has(name)) course.bornNumbered.set(name, message.numberOf !== undefined);
}

const personKey = ({ system, person }: PatientMessage): string => `${system.organisation} ${person}`;

/**
 * Whoever came with a number keeps having one. Were it left out, what was said by that number would be listed for its
 * source and stay where it is, for nobody can know whose it is.
 */
function keepsNumber({ world, bornNumbered }: Course, message: PatientMessage): PatientMessage {
  const isBornNumbered = bornNumbered.get(patientKey(world, message)) || bornNumbered.get(personKey(message));
  return isBornNumbered && message.numberOf === undefined ? { ...message, numberOf: message.person } : message;
}

/** A Patient that lives under a mistaken number is not deleted, for the same reason. */
async function deletePatient(course: Course, which: number): Promise<void> {
  const [key, message] = [...course.statements][which] ?? [];
  if (key === undefined || message === undefined) return;
  const isMistaken = message.numberOf !== undefined && message.numberOf !== message.person;
  if (isMistaken && course.bornNumbered.get(key)) return;
  const answer = await partnerOf(course, message.system).delete(course.sent.get(key)!.address);
  if (answer.status === 204) course.statements.delete(key);
}
