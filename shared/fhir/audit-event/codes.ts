import type { Grant } from '../../access/grants.ts';
import type { AccessEntry } from '../../store/audit.ts';

/** A coding with all that a reader needs. */
export interface Coded {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** DICOM's terms, which FHIR's audit takes. */
export const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
export const BALP = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
export const INTERACTION_SYSTEM = 'urn:chesil:interaction';

/** A code of one of HL7's terminologies. */
export const code = (system: string, value: string, display: string): Coded => ({
  system: `http://terminology.hl7.org/CodeSystem/${system}`,
  code: value,
  display,
});

export const RESTFUL = code('audit-event-type', 'rest', 'RESTful Operation');

export const ACTOR = {
  recipient: code('v3-ParticipationType', 'IRCP', 'information recipient'),
  organisation: code('v3-ParticipationType', 'RESP', 'responsible party'),
} as const;

/** What each interaction is in FHIR's words: http://hl7.org/fhir/R4/valueset-audit-event-action.html and -sub-type.html. */
export const ACTIONS: Readonly<Record<string, { readonly action: fhir4.AuditEvent['action']; readonly restful?: string }>> = {
  read: { action: 'R', restful: 'read' },
  vread: { action: 'R', restful: 'vread' },
  history: { action: 'R', restful: 'history-instance' },
  search: { action: 'E', restful: 'search-type' },
  everything: { action: 'E', restful: 'operation' },
  audit: { action: 'E', restful: 'search-type' },
  replay: { action: 'E', restful: 'operation' },
  'break-glass': { action: 'C', restful: 'operation' },
  'claim-relationship': { action: 'C', restful: 'operation' },
  review: { action: 'C', restful: 'operation' },
  watch: { action: 'C', restful: 'operation' },
  'know-as-staff': { action: 'C', restful: 'operation' },
  'review-queue': { action: 'E', restful: 'operation' },
  inspect: { action: 'R' },
};

/** A refusal is no fault of the service: http://hl7.org/fhir/R4/valueset-audit-event-outcome.html. */
export const OUTCOMES: Readonly<Record<AccessEntry['outcome'], Pick<fhir4.AuditEvent, 'outcome' | 'outcomeDesc'>>> = {
  shown: { outcome: '0', outcomeDesc: 'Answered' },
  refused: { outcome: '4', outcomeDesc: 'Nothing was shown' },
};

/** A purpose's code is one of `v3-PurposeOfUse`. */
const purpose = (value: string, display: string) => code('v3-ActReason', value, display);

const PURPOSE_CODES: Readonly<Record<string, Coded>> = {
  'direct-care': purpose('TREAT', 'treatment'),
  safeguarding: purpose('THREAT', 'threat'),
  investigation: purpose('HCOMPL', 'health compliance'),
  'patient-administration': purpose('PATADMIN', 'patient administration'),
  'own-access': purpose('PATRQT', 'patient requested'),
  system: purpose('TREAT', 'treatment'),
  operations: purpose('HSYSADMIN', 'health system administration'),
};

const INVESTIGATES_SAFETY = purpose('PATSFTY', 'patient safety');
const BREAKS_GLASS = purpose('BTG', 'break the glass');

/** Why somebody looked, as FHIR codes it: what for, and that the glass was broken, where a grant says so. */
export function purposeCodes(entry: AccessEntry, grants: readonly Grant[]): readonly Coded[] {
  const { purpose: given, role, grants: used = [], interaction } = entry;
  const main = role === 'safety-investigator' ? INVESTIGATES_SAFETY : PURPOSE_CODES[given];
  const broken = interaction === 'break-glass' || grants.some(({ id, kind }) => kind === 'break-glass' && used.includes(id));
  return [...(main === undefined ? [] : [main]), ...(broken ? [BREAKS_GLASS] : [])];
}
