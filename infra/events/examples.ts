import { announcementOfTask } from '../../shared/changes/access-events.ts';
import { CATALOGUE, type ChangeName } from '../../shared/changes/catalogue.ts';
import type { Change } from '../../shared/changes/changes.ts';
import type { Origin } from '../../shared/changes/envelope.ts';
import {
  ORGANISATION_CHANGES,
  type OrganisationChange,
  type OrganisationChangeName,
} from '../../shared/changes/organisation-events.ts';
import type { Trigger } from '../../shared/changes/row.ts';

/** Where the examples come from. */
export const ORIGIN: Origin = { source: 'urn:chesil:demo', fhirUrl: 'https://record.example/fhir/R4' };

const PERSON = 'k3v5q2mzj7n4x6a2r5t7w3y4ub';
const OTHER = 'm4w6r3naj2o5y7b3s6u2x4z5vc';
const FRAGMENT = 'b4n6m2x7q3z5k7va';
const AT = '2026-03-04T05:06:07.890Z';

/** A change as it could have happened. */
export function exampleChange(name: ChangeName): Change {
  const { raisedBy, corrects = [] } = CATALOGUE[name];
  const happened = { name, subject: PERSON, sequence: 42, recordedAt: AT, contributor: 'uhd', section: 'encounters', corrects };
  const [trigger] = raisedBy;
  if (trigger?.on === 'link') return { ...happened, what: OTHER, link: { kind: trigger.kind, person: OTHER, survivor: PERSON } };
  const version = name === 'fragment-created' ? 1 : 3;
  return {
    ...happened,
    what: `${FRAGMENT}.${version}`,
    fragment: {
      fragmentId: FRAGMENT,
      type: typeOf(trigger),
      version,
      action: version === 1 ? 'created' : 'updated',
      hash: '',
      section: 'encounters',
      codes: [],
      labels: [],
    },
  };
}

function typeOf(trigger: Trigger | undefined): string {
  if (trigger?.on === 'person') return trigger.fact === 'opt-out' ? 'Consent' : 'Patient';
  return trigger?.on === 'fragment' && trigger.types !== '*' ? trigger.types.split(' ')[0]! : 'Condition';
}

/** Of an organisation, where the row is about one. */
export function exampleOrganisationChange(name: ChangeName): OrganisationChange | undefined {
  if (!(name in ORGANISATION_CHANGES)) return undefined;
  return {
    name: name as OrganisationChangeName,
    organisation: 'uhd',
    at: AT,
    occasion: AT,
    reference: name.startsWith('feed-') ? 'Organization/$feeds' : 'Organization/uhd',
    audience: ['dch'],
  };
}

export const exampleAccessEvent = (): unknown =>
  announcementOfTask(
    { id: '0f6f2d0c', kind: 'break-glass', at: AT, organisation: 'uhd' } as Parameters<typeof announcementOfTask>[0],
    ORIGIN,
    'icb',
  ).detail.event;
