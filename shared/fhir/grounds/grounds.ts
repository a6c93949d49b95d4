import type { Ground, GroundKind } from '../../record/contribution.ts';
import type { Identifier } from '../../record/identity.ts';
import { NHS_NUMBER, ODS_ORGANISATION, ODS_SITE } from '../systems.ts';
import { consentGrounds } from './consent.ts';
import { contained, type Json, listAt, objectOf, textAt } from './look.ts';

/** What a resource of some type and status says about who may see the record. */
interface GroundRule {
  readonly type: string;
  /** Separated by spaces; `-` stands for none. What is not named here gives no reason: drafts, cancellations, `entered-in-error`, `unknown`. */
  readonly statuses: string;
  readonly kind: GroundKind;
  /** Where it says when this began and ended, the best place first. */
  readonly from: string;
  readonly to: string;
  /** Without this date it is no reason: it would never end. */
  readonly needs?: 'from' | 'to';
}

const OPEN_ENCOUNTER = 'arrived triaged in-progress onleave';

/**
 * The reasons that people have to do with each other's records, as FHIR tells them (http://hl7.org/fhir/R4/valueset-encounter-status.html and
 * its like). What has ended keeps its reason, with its end: how long it lasts beyond that is decided in `shared/access`.
 */
export const GROUND_RULES: readonly GroundRule[] = [
  { type: 'Encounter', statuses: 'planned', kind: 'appointment', from: 'period.start', to: 'period.end', needs: 'from' },
  {
    type: 'Encounter',
    statuses: OPEN_ENCOUNTER,
    kind: 'encounter',
    from: 'period.start',
    to: 'period.end',
  },
  {
    type: 'Encounter',
    statuses: 'finished',
    kind: 'encounter',
    from: 'period.start',
    to: 'period.end period.start',
    needs: 'to',
  },
  {
    type: 'EpisodeOfCare',
    statuses: 'planned waitlist active onhold',
    kind: 'caseload',
    from: 'period.start',
    to: 'period.end',
  },
  {
    type: 'EpisodeOfCare',
    statuses: 'finished',
    kind: 'caseload',
    from: 'period.start',
    to: 'period.end period.start',
    needs: 'to',
  },
  { type: 'CareTeam', statuses: 'active suspended -', kind: 'caseload', from: 'period.start', to: 'period.end' },
  {
    type: 'CareTeam',
    statuses: 'inactive',
    kind: 'caseload',
    from: 'period.start',
    to: 'period.end period.start',
    needs: 'to',
  },
  { type: 'ServiceRequest', statuses: 'active on-hold', kind: 'referral', from: 'authoredOn', to: '' },
  {
    type: 'ServiceRequest',
    statuses: 'completed',
    kind: 'referral',
    from: 'authoredOn',
    to: 'occurrencePeriod.end occurrenceDateTime authoredOn',
    needs: 'to',
  },
  { type: 'ServiceRequest', statuses: 'revoked', kind: 'referral', from: 'authoredOn', to: 'authoredOn', needs: 'to' },
  {
    type: 'Appointment',
    statuses: 'proposed pending booked arrived checked-in fulfilled noshow',
    kind: 'appointment',
    from: 'start',
    to: 'end',
    needs: 'from',
  },
];

/**
 * A request refers the person to somebody when it asks for care. A test that is ordered sends a specimen, or the person for an hour, to a
 * laboratory or a scanner: that is no reason for its staff to read the record. What a filler splits an order into says nothing that the order did not.
 */
const REFERRING_INTENTS: ReadonlySet<unknown> = new Set(['proposal', 'plan', 'directive', 'order', 'original-order']);
const TESTS: ReadonlySet<unknown> = new Set([
  'laboratory',
  'imaging',
  '108252007', // laboratory procedure
  '363679005', // imaging
]);

/** Where a type names organisations beside the one that contributes it; `?`: an element that may name others than organisations. */
const ORGANISATIONS: Readonly<Record<string, string>> = {
  EpisodeOfCare: 'managingOrganization',
  CareTeam: 'managingOrganization participant.onBehalfOf participant.member?',
  ServiceRequest: 'requester? performer?',
  Appointment: 'participant.actor?',
};

const rules = Map.groupBy(GROUND_RULES, ({ type }) => type);
const NONE: readonly Ground[] = [];

/** More than any real resource gives: a manifest stays small whatever is sent. */
const MAX_NAMES = 20;

/** What only somebody who knows the record can tell of a reference. */
export interface Known {
  /** The identifiers, as `system|value`, of what an address (`Type/id`) points at. */
  identifiersAt(reference: string): readonly string[];
  /** The id that a fragment has, or will have when it comes, that is named by an identifier alone. */
  fragmentNamed(type: string, identifier: Identifier): string | undefined;
}

const NOTHING_KNOWN: Known = { identifiersAt: () => [], fragmentNamed: () => undefined };

/**
 * What a resource says about who may see the record. Costs nothing for most types; looks only at what has the right shape, so that it may be given a
 * resource that was not validated. Dates stay as they were given. A proxy is named by NHS number, as the Consent does: whoever keeps the grounds puts
 * the person's id there instead.
 *
 * @param known tells who is meant where a reference has only an address; without it such a reference names nobody.
 */
export function groundsOf(resource: Json, type: string, known = NOTHING_KNOWN): readonly Ground[] {
  if (type === 'Patient') return patientGrounds(resource, known);
  if (type === 'Consent') return consentGrounds(resource, known);
  const mine = rules.get(type);
  if (mine === undefined) return NONE;
  const status = typeof resource.status === 'string' ? resource.status : '-';
  const rule = mine.find(({ statuses }) => statuses.split(' ').includes(status));
  if (rule === undefined || (type === 'ServiceRequest' && !refers(resource))) return NONE;
  return ruled(rule, resource, known);
}

function ruled({ type, statuses, kind, from, to, needs }: GroundRule, resource: Json, known: Known): readonly Ground[] {
  const dated = { ...dateAt('from', resource, from), ...dateAt('to', resource, to) };
  if (needs !== undefined && dated[needs] === undefined) return NONE;
  const names = organisationsOf(resource, type, known);
  const own: Ground = { kind, ...dated, names: [] };
  const stay: Ground[] = statuses === OPEN_ENCOUNTER && isStay(resource) ? [{ ...own, kind: 'stay' }] : [];
  return names.length === 0 ? [own, ...stay] : [own, { ...own, names }, ...stay];
}

/** Emergency, and the classes of inpatients (http://terminology.hl7.org/CodeSystem/v3-ActCode). */
const STAYS: ReadonlySet<unknown> = new Set(['EMER', 'IMP', 'ACUTE', 'NONAC', 'OBSENC', 'SS']);

const isStay = ({ class: kind }: Json): boolean => STAYS.has(objectOf(kind)?.code);

function dateAt<Name extends 'from' | 'to'>(name: Name, resource: Json, paths: string): { readonly [key in Name]?: string } {
  for (const path of paths.split(' ')) {
    const found = textAt(resource, path);
    if (found !== undefined) return { [name]: found } as { readonly [key in Name]: string };
  }
  return {};
}

function refers({ intent, category }: Json): boolean {
  if (!REFERRING_INTENTS.has(intent)) return false;
  return !listAt({ category }, 'category.coding').some(({ code }) => TESTS.has(code));
}

function organisationsOf(resource: Json, type: string, known: Known): string[] {
  const names = new Set<string>();
  for (const path of ORGANISATIONS[type]?.split(' ') ?? []) {
    const mixed = path.endsWith('?');
    for (const reference of listAt(resource, mixed ? path.slice(0, -1) : path))
      for (const name of namesIn(resource, reference, mixed, known)) if (names.size < MAX_NAMES) names.add(name);
  }
  return [...names];
}

/** Elements of a contained resource that name the organisation it belongs to. */
const BELONGS_TO = ['organization', 'providedBy', 'managingOrganization'];

/** The organisation that a reference names, or that whoever it names belongs to. */
function namesIn(resource: Json, reference: Json, mixed: boolean, known: Known): string[] {
  const inside = contained(resource, reference.reference);
  const parents = inside === undefined ? [] : BELONGS_TO.flatMap((element) => listAt(inside, element));
  return [
    ...tokensOf([reference.identifier], !mixed || isOrganisation(reference)),
    ...tokensOf(inside?.identifier, !mixed || inside?.resourceType === 'Organization'),
    ...(typeof reference.reference === 'string' && isOrganisation(reference) ? known.identifiersAt(reference.reference) : []),
    ...parents.flatMap((parent) => [
      ...tokensOf([parent.identifier], true),
      ...tokensOf(contained(resource, parent.reference)?.identifier, true),
    ]),
  ].filter((name) => !name.startsWith(`${NHS_NUMBER}|`));
}

const isOrganisation = ({ type, reference }: Json): boolean =>
  type === 'Organization' || (typeof reference === 'string' && reference.startsWith('Organization/'));

/** Systems that name nothing but organisations and their sites. */
const OF_ORGANISATIONS: ReadonlySet<unknown> = new Set([ODS_ORGANISATION, ODS_SITE]);

/** @param any whether what is named can only be an organisation, so that a system of its own is as good as ODS. */
const tokensOf = (identifiers: unknown, any: boolean): string[] =>
  listAt({ identifiers }, 'identifiers').flatMap(({ system, value }) =>
    typeof system === 'string' && typeof value === 'string' && (any || OF_ORGANISATIONS.has(system))
      ? [`${system}|${value}`]
      : [],
  );

function patientGrounds(patient: Json, known: Known): readonly Ground[] {
  const grounds: Ground[] = practicesOf(patient, known);
  // Whichever of its systems HL7 has called the code by over the years: who is to be hidden is not found by a slip of the pen.
  const isRestricted = listAt(patient, 'meta.security').some(({ code }) => code === 'R' || code === 'V');
  if (isRestricted) grounds.push({ kind: 'restricted', names: [] });
  const died = textAt(patient, 'deceasedDateTime');
  if (died !== undefined) grounds.push({ kind: 'deceased', from: died, names: [] });
  else if (patient.deceasedBoolean === true) grounds.push({ kind: 'deceased', names: [] });
  return grounds;
}

/** One for each identifier: `shared/record/draft.ts` dates each by when it was first told and no longer told. */
function practicesOf(patient: Json, known: Known): Ground[] {
  const practices = new Map<string, Ground>();
  const add = (name: string, dated: Pick<Ground, 'from' | 'to'>) => {
    const before = practices.get(name);
    // Told twice, the registration that stands counts.
    if (practices.size === MAX_NAMES || (before !== undefined && before.to === undefined)) return;
    practices.set(name, { kind: 'registered-practice', ...dated, names: [name] });
  };
  for (const reference of listAt(patient, 'generalPractitioner')) {
    const identifiers = [reference.identifier, ...listAt({ ...contained(patient, reference.reference) }, 'identifier')];
    for (const identifier of identifiers) {
      const { system, value, period } = objectOf(identifier) ?? {};
      if (typeof system !== 'string' || typeof value !== 'string') continue;
      add(`${system}|${value}`, { ...dateAt('from', { period }, 'period.start'), ...dateAt('to', { period }, 'period.end') });
    }
    if (typeof reference.reference !== 'string' || !isOrganisation(reference)) continue;
    for (const name of known.identifiersAt(reference.reference)) add(name, {});
  }
  return [...practices.values()];
}
