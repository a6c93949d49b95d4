import { fragmentTypes, isOurs, isPersonBound } from '../compartment.ts';
import { type Parameter, parametersOf } from '../search/parameters.ts';
import { revocationUrlOf, type TokenAddresses } from './smart.ts';

/** When what this statement says last changed. */
const CHANGED = '2026-12-01';

const RESTFUL_SECURITY = 'http://terminology.hl7.org/CodeSystem/restful-security-service';
const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** Interactions with each type (http://hl7.org/fhir/R4/valueset-type-restful-interaction.html). */
const INTERACTIONS = ['read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'create', 'search-type'] as const;

let last: { readonly key: string; readonly text: string } | undefined;

/**
 * The JSON of the CapabilityStatement of `/metadata` (http://hl7.org/fhir/R4/capabilitystatement.html), made of the same tables that validation and search work by.
 *
 * @param fhirUrl address of this server as the caller addressed it, without a slash at its end
 * @param addresses where access tokens are given out (SMART App Launch, `oauth-uris`)
 */
export function capabilityStatement(fhirUrl: string, addresses: TokenAddresses): string {
  const key = JSON.stringify([fhirUrl, addresses]);
  if (last?.key !== key) last = { key, text: JSON.stringify(statementOf(fhirUrl, addresses)) };
  return last.text;
}

const statementOf = (fhirUrl: string, addresses: TokenAddresses): fhir4.CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  name: 'Chesil',
  title: 'Chesil shared care record',
  status: 'active',
  date: CHANGED,
  kind: 'instance',
  software: { name: 'Chesil' },
  implementation: { description: 'Shared care record', url: fhirUrl },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json', 'json'],
  patchFormat: ['application/json-patch+json'],
  rest: [
    {
      mode: 'server',
      documentation:
        'Organisations contribute what they know of a person, and read the record of a person whom they care for. A fragment can be changed by its contributor only; what is deleted is retracted, and its history remains. A search is in the record of one person. A system may name what it sends by ids of its own: a PUT by such an id creates what is not there (updateCreate), and sent alone keeps the id as an address, so that the same system reads, searches, patches and deletes by it. What comes in a bundle has no such address: it is found by its own id in a search that names the person. Answers bear our ids.',
      security: securityOf(addresses),
      resource: resourcesOf(),
      interaction: [{ code: 'transaction' }, { code: 'batch' }],
      operation: [
        operation('review-queue', 'What officers of the privacy and the records office are asked: status, code, _count.'),
      ],
    },
  ],
});

const securityOf = (addresses: TokenAddresses): fhir4.CapabilityStatementRestSecurity => ({
  extension: [
    {
      url: OAUTH_URIS,
      extension: [
        { url: 'authorize', valueUri: addresses.authorizeUrl },
        { url: 'token', valueUri: addresses.tokenUrl },
        { url: 'revoke', valueUri: revocationUrlOf(addresses) },
      ],
    },
  ],
  cors: true,
  service: [{ coding: [{ system: RESTFUL_SECURITY, code: 'SMART-on-FHIR' }], text: 'OAuth 2.0, SMART App Launch 2.2' }],
  description:
    'Systems get access tokens by client credentials, with system scopes such as system/Observation.rs. People and staff sign in through their own provider, in an app (authorization code with PKCE), with user or patient scopes such as user/*.rs. A scope may have a query: user/Observation.rs?category=vital-signs.',
});

type Resource = fhir4.CapabilityStatementRestResource;

function resourcesOf(): Resource[] {
  const pointing = reverseIncludes();
  const kept = fragmentTypes().filter((type) => type !== 'Group');
  return [...kept.map((type) => resourceOf(type, pointing.get(type) ?? [])), ...STANDING];
}

/** Standing requests of systems to hear of changes, and the lists of persons that they can be about: no part of a record. */
const STANDING: readonly Resource[] = [
  {
    type: 'Group',
    profile: 'http://hl7.org/fhir/StructureDefinition/Group',
    ...standing(['_id']),
    documentation:
      "A panel: persons that a subscription can be about (person='Group/<id>'). Each is named by id or NHS number; whether anything is known of them is not told. A system sees those of its own organisation.",
  },
  {
    type: 'Subscription',
    profile: 'http://hl7.org/fhir/StructureDefinition/Subscription',
    ...standing(['_id', 'criteria', 'payload', 'status', 'type', 'url']),
    operation: [
      backport('status', 'How far the signals have come: numbers, what waits, what failed.'),
      backport('events', 'Signals by their numbers: from, _count.'),
      operation('replay', 'A period of the archive once more: start, end. GET tells how far it has come.'),
      operation('secret', 'The keys with which what is posted is signed.'),
      operation('rotate-secret', 'A new key; those before go on signing for a day.'),
      operation('dead-letters', 'What was given up.'),
      operation('redrive', 'Sends again what was given up.'),
    ],
    documentation:
      "As the Multicast Notification Service has it: criteria such as eventType='admitted' AND generalpractitioner='A81001'; channels message and rest-hook; payload application/json or application/fhir+json. A system sees those of its own organisation.",
  },
];

function standing(parameters: readonly string[]): Partial<Resource> {
  return {
    interaction: (['read', 'update', 'delete', 'create', 'search-type'] as const).map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: false,
    updateCreate: false,
    conditionalCreate: false,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    searchParam: parameters.map((name) => ({ name, type: name === 'criteria' ? 'string' : name === 'url' ? 'uri' : 'token' })),
  };
}

function backport(name: string, documentation: string) {
  const definition = `http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-${name}`;
  return { name, definition, documentation };
}

const resourceOf = (type: string, pointing: readonly string[]): Resource => ({
  type: type as Resource['type'],
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  ...(isOurs(type) ? READ_ONLY : contributed(type, pointing)),
  ...(OPERATIONS[type] === undefined ? {} : { operation: OPERATIONS[type] }),
  ...documentationOf(type),
});

const contributed = (type: string, pointing: readonly string[]): Partial<Resource> => ({
  interaction: INTERACTIONS.map((code) => ({ code })),
  versioning: 'versioned',
  readHistory: true,
  updateCreate: true,
  conditionalCreate: true,
  conditionalRead: 'full-support',
  conditionalUpdate: true,
  conditionalDelete: 'single',
  referencePolicy: ['literal', 'logical', 'resolves', 'local'],
  searchInclude: ['*', ...includesOf(type)],
  searchRevInclude: ['*', ...pointing],
  searchParam: [...parametersOf(type).values()].map(searchParamOf),
});

/** What Chesil writes itself has one version, for ever. */
const READ_ONLY: Partial<Resource> = {
  interaction: [{ code: 'read' }, { code: 'search-type' }],
  versioning: 'no-version',
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalUpdate: false,
  conditionalDelete: 'not-supported',
  searchParam: [
    { name: 'patient', type: 'reference', documentation: 'At whom was looked, by id or with .identifier.' },
    { name: 'entity', type: 'reference', documentation: 'The same.' },
    { name: 'agent', type: 'reference', documentation: 'Who looked: <provider>|<id> of a member of staff, or an organisation.' },
    { name: 'date', type: 'date' },
  ],
};

function documentationOf(type: string): Pick<Resource, 'documentation'> {
  if (isOurs(type))
    return {
      documentation:
        'Written here alone, one for each look at a record. What is contributed is refused (audit-is-ours). AuditEvent/{id}/$replay shows again, to those who may investigate, what was shown.',
    };
  if (isPersonBound(type)) return {};
  return { documentation: 'Of the organisation that contributes it: its search finds what the caller has told of itself.' };
}

/** An operation of ours, which FHIR does not define: it takes Parameters. */
function operation(name: string, documentation: string) {
  return { name, definition: `urn:chesil:operation:${name}`, documentation };
}

const OPERATIONS: Readonly<Record<string, fhir4.CapabilityStatementRestResourceOperation[]>> = {
  Patient: [
    { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
    operation(
      'break-glass',
      'Staff open a record in an emergency: reason-code, reason, hours. The privacy office is told, and asks why. Patient/{id}/$break-glass, or Patient/$break-glass with nhs-number.',
    ),
    operation(
      'claim-relationship',
      'Staff say that they care for the person: reason-code, reason, hours. The privacy office is told, and asks why. Patient/{id}/$claim-relationship, or Patient/$claim-relationship with nhs-number.',
    ),
    operation('watch', 'Privacy officers have every look at the record reviewed: note, days.'),
    operation('know-as-staff', 'Privacy officers say which member of staff the person is: staff, days.'),
  ],
  Organization: [operation('feeds', 'How fresh what each source tells is. GET, without an id: Organization/$feeds.')],
  Task: [operation('review', 'Officers answer a task of $review-queue: outcome, note.')],
};

const searchParamOf = ({ code, type, person }: Parameter): fhir4.CapabilityStatementRestResourceSearchParam => ({
  name: code,
  type,
  ...(person ? { documentation: 'Names the person, by id or with .identifier, and so the record that is searched.' } : {}),
});

const references = (type: string) =>
  [...parametersOf(type).values()].flatMap((parameter) => (parameter.type === 'reference' ? [parameter] : []));

const includesOf = (type: string): string[] => references(type).map(({ code }) => `${type}:${code}`);

/** By type, the references that may point at it. Those that may point at any type are left out: each would be said of every type. */
function reverseIncludes(): ReadonlyMap<string, readonly string[]> {
  const byTarget = new Map<string, string[]>(fragmentTypes().map((type) => [type, []]));
  for (const source of fragmentTypes()) {
    for (const { code, targets } of references(source)) {
      for (const target of targets ?? []) byTarget.get(target)?.push(`${source}:${code}`);
    }
  }
  return byTarget;
}
