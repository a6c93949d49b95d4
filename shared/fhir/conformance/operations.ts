/** The operations that are offered, as data: routes, the CapabilityStatement and refusals agree on them. */

/** An operation of FHIR or of ours. */
export interface OfferedOperation {
  /** Without the `$`. */
  readonly name: string;
  /** Absent: it is on no type (`[base]/$review-queue`). */
  readonly type?: string;
  /** Where it is called: below the type, or below one resource of it. */
  readonly at: readonly ('system' | 'type' | 'instance')[];
  readonly methods: readonly ('GET' | 'POST')[];
  readonly definition: string;
  readonly documentation?: string;
}

const READ = { methods: ['GET', 'POST'] } as const;
const ACT = { methods: ['POST'] } as const;

/** An operation of ours, which FHIR does not define. */
const ours = (name: string): Pick<OfferedOperation, 'name' | 'definition'> => ({
  name,
  definition: `urn:chesil:operation:${name}`,
});

const backport = (name: string): Pick<OfferedOperation, 'name' | 'definition'> => ({
  name,
  definition: `http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-${name}`,
});

const ON_SUBSCRIPTION = { type: 'Subscription', at: ['instance'] } as const;

/**
 * Every operation. One that changes nothing is called by GET with parameters in the address, or by POST with a
 * Parameters resource or nothing in the body (http://hl7.org/fhir/R4/operations.html#executing).
 */
export const OFFERED_OPERATIONS: readonly OfferedOperation[] = [
  {
    ...ours('review-queue'),
    ...READ,
    at: ['system'],
    documentation: 'What officers of the privacy and the records office are asked: status, code, _count.',
  },
  {
    name: 'everything',
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    ...READ,
    type: 'Patient',
    at: ['instance'],
  },
  {
    ...ours('break-glass'),
    ...ACT,
    type: 'Patient',
    at: ['instance', 'type'],
    documentation:
      'Staff open a record in an emergency: reason-code, reason, hours. The privacy office is told, and asks why. Patient/{id}/$break-glass, or Patient/$break-glass with nhs-number.',
  },
  {
    ...ours('claim-relationship'),
    ...ACT,
    type: 'Patient',
    at: ['instance', 'type'],
    documentation:
      'Staff say that they care for the person: reason-code, reason, hours. The privacy office is told, and asks why. Patient/{id}/$claim-relationship, or Patient/$claim-relationship with nhs-number.',
  },
  {
    ...ours('watch'),
    ...ACT,
    type: 'Patient',
    at: ['instance'],
    documentation: 'Privacy officers have every look at the record reviewed: note, days.',
  },
  {
    ...ours('know-as-staff'),
    ...ACT,
    type: 'Patient',
    at: ['instance'],
    documentation: 'Privacy officers say which member of staff the person is: staff, days.',
  },
  {
    ...ours('feeds'),
    ...READ,
    type: 'Organization',
    at: ['type'],
    documentation: 'How fresh what each source tells is. Without an id: Organization/$feeds.',
  },
  {
    ...ours('review'),
    ...ACT,
    type: 'Task',
    at: ['instance'],
    documentation: 'Officers answer a task of $review-queue: outcome, note.',
  },
  {
    ...ours('replay'),
    ...READ,
    type: 'AuditEvent',
    at: ['instance'],
    documentation: 'Shows again, to those who may investigate, what was shown in an access.',
  },
  {
    ...backport('status'),
    ...READ,
    ...ON_SUBSCRIPTION,
    documentation: 'How far the signals have come: numbers, what waits, what failed.',
  },
  { ...backport('events'), ...READ, ...ON_SUBSCRIPTION, documentation: 'Signals by their numbers: from, _count.' },
  {
    ...ours('replay'),
    ...ON_SUBSCRIPTION,
    // By GET it tells how far, by POST it begins: two things.
    methods: ['GET', 'POST'],
    documentation: 'A period of the archive once more: start, end. GET tells how far it has come.',
  },
  {
    ...ours('secret'),
    ...READ,
    ...ON_SUBSCRIPTION,
    documentation: 'The keys with which what is posted is signed.',
  },
  {
    ...ours('rotate-secret'),
    ...ACT,
    ...ON_SUBSCRIPTION,
    documentation: 'A new key; those before go on signing for a day.',
  },
  { ...ours('dead-letters'), ...READ, ...ON_SUBSCRIPTION, documentation: 'What was given up.' },
  { ...ours('redrive'), ...ACT, ...ON_SUBSCRIPTION, documentation: 'Sends again what was given up.' },
];

/** The operations of a type; without one, those of the whole system. */
export const operationsOn = (type?: string): readonly OfferedOperation[] =>
  OFFERED_OPERATIONS.filter((operation) => operation.type === type);

/** How operations are called, for people: `GET or POST Patient/{id}/$everything`. */
export function callsOf({ name, type, at, methods }: OfferedOperation): readonly string[] {
  const places = { system: '', type: `${type}/`, instance: `${type}/{id}/` };
  return at.map((level) => `${methods.join(' or ')} ${places[level]}$${name}`);
}
