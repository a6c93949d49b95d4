import { VERSION_1 } from './dictionaries/version-1.ts';

/**
 * Text that a compressor may point back to, so that even a short frame is small. A dictionary is for ever: what was written with one can only
 * be read with it, so versions are added and never changed (`docs/decisions/0005-codec-and-dictionary.md`).
 */
export interface Dictionary {
  /** Prefix of the text of a manifest. */
  readonly manifest: Buffer;
  /** Prefix of the lines of a body. */
  readonly body: Buffer;
}

const MANIFEST_1 =
  '[1024,[1711962000000,"uhd","dch","dhc","swast","dc","bcp","dorset-icb"],[["PractitionerRole",1,0,"directory"],["QuestionnaireResponse",1,0,"assessments"],["DiagnosticReport",1,0,"investigations","2024-02-01T09:00:00Z",["http://snomed.info/sct|26604007"]],' +
  '["Procedure",1,0,"procedures","2024-02-01",["http://snomed.info/sct|"]],["Immunization",1,0,"vaccinations","2023-10-05",["http://snomed.info/sct|"]],["AllergyIntolerance",1,0,"allergies","2021-",["http://snomed.info/sct|91936005"],["http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R"]],' +
  '["Patient",1,0,"demographics",0,["https://fhir.nhs.uk/Id/ods-organization-code|J8"]],["MedicationRequest",1,0,"medications","2024-03-01T09:05:00+00:00",["https://dmd.nhs.uk|"]],["Encounter",1,0,"encounters","2024-03-01T09:00:00+00:00",["http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP","http://snomed.info/sct|185347001"]],' +
  '["Condition",1,0,"problems","2016-05-01",["http://snomed.info/sct|44054006"]],["Observation",1,0,"findings","2024-03-01T09:10:00+00:00",["http://loinc.org|","http://snomed.info/sct|364075005"],0,"2024-03-01T09:10:00.000Z","1"],["Observation",2,1,"findings","2024-03-01T09:10:00Z",["http://snomed.info/sct|"]]]]';

/** By version, which is the first byte of everything that was written with it. */
export const DICTIONARIES: Readonly<Record<number, Dictionary>> = {
  1: { manifest: Buffer.from(MANIFEST_1), body: Buffer.from(VERSION_1) },
};

/** The version that new contributions and snapshots are written with. */
export const CURRENT_DICTIONARY = 1;
