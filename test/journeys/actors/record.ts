import type { Push } from '../../../infra/demo/feed.ts';
import type { Answer, Partner } from './partner.ts';

/** What a bundle's answer says of one entry. */
export interface Written {
  readonly status: string;
  readonly type: string;
  readonly id: string;
  readonly version: string;
  readonly personId: string;
}

/** Reads `Location`: of an answer, or of an entry of one. */
function writtenAt(location: string, status = ''): Written {
  const [, type, id, version] = /([A-Za-z]+)\/([^/]+)\/_history\/(\d+)$/.exec(location) ?? [];
  if (type === undefined || id === undefined || version === undefined) throw new Error('this is no address of a version');
  return { status, type, id, version, personId: id.split('.')[0]! };
}

export const entriesWritten = (answer: Answer): Written[] =>
  (answer.json as fhir4.Bundle).entry!.map(({ response }) => writtenAt(response!.location!, response!.status));

/** Pushes a bundle. @throws Error with the answer, when it was refused. */
export async function push(partner: Partner, { bundle }: Pick<Push, 'bundle'>): Promise<Written[]> {
  const answer = await partner.post('', bundle);
  if (answer.status !== 200) throw new Error(`the bundle was refused: ${answer.text}`);
  return entriesWritten(answer);
}

/** Creates one resource. @throws Error with the answer, when it was refused. */
export async function create(partner: Partner, resource: fhir4.FhirResource): Promise<Written> {
  const answer = await partner.post(resource.resourceType, resource);
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`it was refused: ${answer.text}`);
  return writtenAt(answer.headers.location!, String(answer.status));
}

export const resourcesOf = (bundle: fhir4.Bundle): fhir4.FhirResource[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => (resource ?? []) as fhir4.FhirResource);

export const idsOf = (bundle: fhir4.Bundle): string[] =>
  resourcesOf(bundle).map(({ resourceType, id }) => `${resourceType}/${id}`);

export const linkTo = (bundle: fhir4.Bundle, relation: string): string | undefined =>
  bundle.link?.find((link) => link.relation === relation)?.url;

/** Every page of a search or a record, following `next`. */
export async function allPages(partner: Partner, path: string): Promise<fhir4.Bundle[]> {
  const pages: fhir4.Bundle[] = [];
  for (let next: string | undefined = path; next !== undefined; next = linkTo(pages.at(-1)!, 'next')) {
    const answer = await partner.get(next);
    if (answer.status !== 200) throw new Error(`a page was refused: ${answer.text}`);
    pages.push(answer.json);
  }
  return pages;
}

/** The codes of an OperationOutcome, which callers switch on. */
export const codesOf = (answer: Answer): string[] =>
  (answer.json as fhir4.OperationOutcome).issue.map(({ details }) => details!.coding![0]!.code!);
