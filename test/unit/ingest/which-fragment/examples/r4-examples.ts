import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { subjectElements } from '../../../../../shared/fhir/compartment.ts';
import { elementsAt, type Json } from '../../../../../shared/fhir/references.ts';
import { validate } from '../../../../../shared/fhir/validate/validate.ts';
import type { Resource } from '../../partners.ts';
import { nhs } from '../../resources.ts';

export type Example = Resource & { readonly id: string };

/** The Patient that everything is pointed at, as an official example too. */
const PERSON = 'Patient/example';
const FILE = new URL('../../../../fixtures/r4-examples/examples.ndjson.gz', import.meta.url);

/** The official examples that can be about somebody, each pointed at one person; that person's Patient is the first. */
export function examplesAbout(nhsNumber: string): readonly Example[] {
  const all = gunzipSync(readFileSync(FILE)).toString().trim().split('\n');
  const pointed = all.map((line) => JSON.parse(line) as Example).flatMap(pointAtPerson);
  const valid = pointed.filter((example) => validate(example).length === 0);
  const [patients, others] = [valid.filter(isPatient), valid.filter((example) => !isPatient(example))];
  return [...patients.map((patient) => ({ ...patient, identifier: [nhs(nhsNumber)] })), ...others];
}

const isPatient = ({ resourceType }: Example): boolean => resourceType === 'Patient';

/** Examples that no person can be given, such as a medicine or a payment, are left out. */
function pointAtPerson(given: Example): Example[] {
  if (isPatient(given)) return given.id === 'example' ? [withoutLinks(given)] : [];
  const example = JSON.parse(JSON.stringify(given, toPerson)) as Record<string, unknown> & Example;
  const elements = subjectElements(example.resourceType);
  const isAboutPerson = elements.some((path) =>
    elementsAt(example as Json, path).some((holder) => (holder as Json | undefined)?.reference === PERSON),
  );
  if (isAboutPerson) return [example];
  const [element = ''] = elements;
  if (!/^(subject|patient)$/.test(element)) return [];
  return [{ ...example, [element]: { reference: PERSON } }];
}

const withoutLinks = ({ link: _link, ...patient }: Example): Example => patient as Example;

const toPerson = (name: string, value: unknown): unknown =>
  name === 'reference' && typeof value === 'string' && /^(\S*\/)?Patient\/[^/]+$/.test(value) ? PERSON : value;
