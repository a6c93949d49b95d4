import { fragmentTypes, isOurs, isPersonBound } from '../compartment.ts';
import { type Parameter, parametersOf } from '../search/parameters.ts';
import { operationsOn } from './operations.ts';
import { COMMON_PARAMETERS } from './result-parameters.ts';
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
      searchParam: COMMON_PARAMETERS,
      operation: operationsOf(undefined),
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

type Operation = fhir4.CapabilityStatementRestResourceOperation;

const operationsOf = (type: string | undefined): Operation[] =>
  operationsOn(type).map(({ name, definition, documentation }) => ({
    name,
    definition,
    ...(documentation === undefined ? {} : { documentation }),
  }));

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
    operation: operationsOf('Subscription'),
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

const resourceOf = (type: string, pointing: readonly string[]): Resource => ({
  type: type as Resource['type'],
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  ...(isOurs(type) ? READ_ONLY : contributed(type, pointing)),
  ...(operationsOn(type).length === 0 ? {} : { operation: operationsOf(type) }),
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
    { name: '_count', type: 'number', documentation: 'At most 100 on a page.' },
    { name: '_sort', type: 'string', documentation: 'Only -date: the newest come first.' },
  ],
};

function documentationOf(type: string): Pick<Resource, 'documentation'> {
  if (isOurs(type))
    return {
      documentation: 'Written here alone, one for each look at a record. What is contributed is refused (audit-is-ours).',
    };
  if (isPersonBound(type)) return {};
  return { documentation: 'Of the organisation that contributes it: its search finds what the caller has told of itself.' };
}

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
