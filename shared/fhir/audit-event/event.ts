import type { AccessEntry } from '../../store/audit.ts';
import { ACTIONS, ACTOR, BALP, type Coded, code, DCM, INTERACTION_SYSTEM, OUTCOMES, purposeCodes, RESTFUL } from './codes.ts';
import {
  inPlainWords,
  isOwnLook,
  isProxyLook,
  isStrangersLook,
  roleTitle,
  sectionsOf,
  type Telling,
  tellsName,
  tellsOrganisation,
} from './plain-words.ts';

/** What is told of a look beyond its entry. */
export interface AuditEventTelling extends Telling {
  /** The look's name outside (`sealAccessId`). */
  readonly id: string;
  /** Address of the FHIR API, which observed it. */
  readonly fhirUrl: string;
}

/**
 * A look as FHIR R4 AuditEvent (http://hl7.org/fhir/R4/auditevent.html), after the patterns of IHE's Basic Audit Log Patterns (https://profiles.ihe.net/ITI/BALP).
 * A privacy officer is told all but the sequence numbers of the record, for they count what is legally restricted too; the person what they may know of, and nothing of what was withheld from whoever looked.
 */
export function fhirAuditEvent(entry: AccessEntry, telling: AuditEventTelling): fhir4.AuditEvent {
  const { at, interaction, outcome } = entry;
  return {
    resourceType: 'AuditEvent',
    id: telling.id,
    meta: { lastUpdated: at },
    text: narrativeOf(entry, telling),
    type: RESTFUL,
    subtype: subtypesOf(interaction),
    action: ACTIONS[interaction]?.action ?? 'E',
    recorded: at,
    ...OUTCOMES[outcome],
    purposeOfEvent: purposeCodes(entry, telling.grants).map(concept),
    agent: agentsOf(entry, telling),
    source: {
      observer: { display: 'Chesil', identifier: { system: 'urn:ietf:rfc:3986', value: telling.fhirUrl } },
      type: [code('security-source-type', '4', 'Application Server')],
    },
    entity: entitiesOf(entry, telling),
  };
}

const concept = (coding: Coded): fhir4.CodeableConcept => ({ coding: [coding] });

function narrativeOf(entry: AccessEntry, telling: Telling): fhir4.Narrative {
  const paragraphs = inPlainWords(entry, telling).map((sentence) => `<p>${escaped(sentence)}</p>`);
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${paragraphs.join('')}</div>` };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Also without the characters that XML cannot hold. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!)
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ');

function subtypesOf(interaction: string): fhir4.Coding[] {
  const own = { system: INTERACTION_SYSTEM, code: interaction };
  const restful = ACTIONS[interaction]?.restful;
  return restful === undefined ? [own] : [{ system: 'http://hl7.org/fhir/restful-interaction', code: restful }, own];
}

function agentsOf(entry: AccessEntry, telling: AuditEventTelling): fhir4.AuditEventAgent[] {
  const { organisation, client, source, policyVersion, signedIn } = entry;
  const byHand = entry.staff !== undefined || signedIn !== undefined;
  const policy = [`urn:chesil:policy:${policyVersion}`];
  return [
    ...(byHand ? [personAgent(entry, telling, policy)] : []),
    ...(signedIn === undefined && tellsOrganisation(telling) ? [organisationAgent(organisation, telling)] : []),
    {
      type: concept({ system: DCM, code: '110153', display: 'Source Role ID' }),
      // A client is its organisation's.
      ...(tellsOrganisation(telling) ? { who: { identifier: { system: 'urn:chesil:client', value: client } } } : {}),
      ...(source !== undefined && tellsOrganisation(telling)
        ? { extension: [{ url: SOURCE_OF_CLIENT, valueCode: source }] }
        : {}),
      requestor: !byHand,
      ...(byHand ? {} : { role: [roleOf(entry.role)], policy }),
    },
  ];
}

/** Which system of its organisation a client is. */
const SOURCE_OF_CLIENT = 'urn:chesil:source';

const roleOf = (role: string): fhir4.CodeableConcept => ({
  coding: [{ system: 'urn:chesil:role', code: role, display: roleTitle(role) }],
});

/** Who sat at the keyboard. */
function personAgent(entry: AccessEntry, telling: AuditEventTelling, policy: string[]): fhir4.AuditEventAgent {
  const { name, provider, assurance } = entry;
  const officer = telling.audience.kind === 'officer';
  return {
    type: concept(ACTOR.recipient),
    role: [roleOf(isProxyLook(entry) ? 'proxy' : entry.role)],
    ...whoOf(entry, telling),
    ...(name !== undefined && namesLooker(entry, telling) ? { name } : {}),
    requestor: true,
    policy,
    ...(officer && (provider ?? assurance) !== undefined ? { extension: signInOf(provider, assurance) } : {}),
  };
}

/** Whom the person has nothing to do with is not named to them. */
const namesLooker = (entry: AccessEntry, telling: Telling): boolean =>
  isOwnLook(entry) || (tellsName(telling) && (telling.audience.kind === 'officer' || !isStrangersLook(entry)));

/** People by their id, but who acts for somebody only to officers: it would name another person's record. Staff by what their provider calls them. */
function whoOf(entry: AccessEntry, telling: Telling): Pick<fhir4.AuditEventAgent, 'who'> {
  if (isOwnLook(entry)) return { who: { reference: `Patient/${entry.person}` } };
  if (entry.signedIn !== undefined)
    return telling.audience.kind === 'officer' ? { who: { reference: `Patient/${entry.signedIn}` } } : {};
  if (entry.staff === undefined || !tellsName(telling)) return {};
  return { who: { identifier: { system: 'urn:chesil:staff', value: entry.staff } } };
}

/** Which provider vouched for them, and how sure it is. */
const signInOf = (provider: string | undefined, assurance: string | undefined): fhir4.Extension[] => [
  {
    url: 'urn:chesil:sign-in',
    extension: [
      ...(provider === undefined ? [] : [{ url: 'provider', valueCode: provider }]),
      ...(assurance === undefined ? [] : [{ url: 'assurance', valueCode: assurance }]),
    ],
  },
];

const organisationAgent = (organisation: string, { organisationName }: Telling): fhir4.AuditEventAgent => ({
  type: concept(ACTOR.organisation),
  who: {
    type: 'Organization',
    identifier: { system: 'urn:chesil:organisation', value: organisation },
    ...(organisationName === undefined ? {} : { display: organisationName }),
  },
  requestor: false,
});

function entitiesOf(entry: AccessEntry, { audience }: Telling): fhir4.AuditEventEntity[] {
  const person: fhir4.AuditEventEntity = {
    what: { reference: `Patient/${entry.person}` },
    type: code('audit-entity-type', '1', 'Person'),
    role: code('object-role', '1', 'Patient'),
  };
  const request: fhir4.AuditEventEntity = {
    what: { identifier: { value: entry.requestId } },
    type: { system: BALP, code: 'XrequestId' },
  };
  if (audience.kind === 'person') {
    const sections = sectionsOf(entry.shown, audience);
    return [
      person,
      ...detailed(
        'Shown',
        sections.map(({ title, count }) => [title, count]),
      ),
      request,
    ];
  }
  return [
    person,
    ...detailed('Shown', Object.entries(entry.shown)),
    ...detailed('Withheld', Object.entries(entry.withheld)),
    ...detailed('Answer', answerOf(entry)),
    ...detailed('Why', [
      ...(entry.relationships ?? []).map((relationship) => ['relationship', relationship] as const),
      ...(entry.grants ?? []).map((grant) => ['grant', grant] as const),
    ]),
    request,
  ];
}

const answerOf = ({ type, status, digest }: AccessEntry): readonly (readonly [string, string | number])[] =>
  Object.entries({ type, status, 'sha-256': digest }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));

/** An entity that says things by name; none where there is nothing to say. */
function detailed(name: string, details: readonly (readonly [string, string | number])[]): fhir4.AuditEventEntity[] {
  if (details.length === 0) return [];
  return [
    {
      type: code('audit-entity-type', '2', 'System Object'),
      role: code('object-role', '4', 'Domain Resource'),
      name,
      detail: details.map(([type, value]) => ({ type, valueString: String(value) })),
    },
  ];
}
