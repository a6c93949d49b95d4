import type { Fragment } from '../../../shared/record/fold.ts';
import { type Answer, addressOf, FHIR_URL, type Ingest, identity, startIngest } from './ingesting.ts';
import { NHS } from './resources.ts';

/** Everything that a request may bring beside its address and body. */
interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** One system of an organisation, sending over the API. */
export interface Partner {
  post(resource: Resource, options?: RequestOptions): Promise<Answer>;
  put(address: string, resource: Resource, options?: RequestOptions): Promise<Answer>;
  patch(address: string, operations: readonly object[], options?: RequestOptions): Promise<Answer>;
  delete(address: string): Promise<Answer>;
  transaction(...entries: (Resource | Entry)[]): Promise<Answer>;
  batch(...entries: (Resource | Entry)[]): Promise<Answer>;
}

export type Resource = Readonly<Record<string, unknown>> & { readonly resourceType: string };

/** An entry of a bundle; a bare resource is posted to its type. */
export interface Entry {
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly request: Readonly<Record<string, string>>;
}

/** What the settings say of a source: see `docs/deploy.md`. */
export interface SourceSettings {
  readonly organisation: string;
  readonly name: string;
  readonly tracesNhsNumbers?: boolean;
  readonly patientIdentifiers?: readonly string[];
  readonly stableIds?: boolean;
  readonly base?: string;
}

/** Ingest on the real engine, partners that send to it, and what the records say afterwards. */
export async function startPartners(sources: readonly SourceSettings[] = []) {
  const ingest = await startIngest({ sources });
  return {
    ingest,
    stop: () => ingest.engine.stop(),
    partner: (organisation: string, source = 'main') => partnerOf(ingest, organisation, source),
    record: (person: string) => recordOf(ingest, person),
    linked: (person: string) => linkedWith(ingest, person),
    questions: (...persons: string[]) => questionsOf(ingest, persons),
    versions: async (address: string) => {
      const [subject = '', fragmentId = ''] = address.split('/')[1]!.split('.');
      return ingest.store.versions(subject, fragmentId);
    },
  };
}

export type Partners = Awaited<ReturnType<typeof startPartners>>;

function partnerOf({ send }: Ingest, organisation: string, source: string): Partner {
  const as = { as: organisation, source };
  const bundle = (type: 'transaction' | 'batch', entries: readonly (Resource | Entry)[]) =>
    send('POST', '', { resourceType: 'Bundle', type, entry: entries.map(entryOf) }, as);
  return {
    post: (resource, options) => send('POST', resource.resourceType, resource, { ...as, ...options }),
    put: (address, resource, options) => send('PUT', address, resource, { ...as, ...options }),
    patch: (address, operations, options) =>
      send('PATCH', address, operations, {
        ...as,
        headers: { ...options?.headers, 'content-type': 'application/json-patch+json' },
      }),
    delete: (address) => send('DELETE', address, undefined, as),
    transaction: (...entries) => bundle('transaction', entries),
    batch: (...entries) => bundle('batch', entries),
  };
}

const entryOf = (given: Resource | Entry): Entry =>
  'request' in given
    ? (given as Entry)
    : { resource: given as Resource, request: { method: 'POST', url: given.resourceType as string } };

/** An entry that puts a resource to its own id. */
export const putEntry = (resource: Resource, fullUrl?: string): Entry => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${String(resource.id)}` },
});

/** An entry that posts a resource. `request` may add conditions. */
export const postEntry = (resource: Resource, fullUrl?: string, request: object = {}): Entry => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
});

/** The address of what was written alone. */
export const addressIn = ({ headers }: Answer): string => addressOf(headers.location);

/** The addresses of what a bundle wrote, in the order of its entries. */
export const addressesIn = ({ body }: Answer): string[] =>
  body.entry.map(({ response }: { response: { location?: string } }) => addressOf(response.location));

/** The HTTP status of each entry. */
export const statusesIn = ({ body }: Answer): number[] =>
  body.entry.map(({ response }: { response: { status: string } }) => Number(response.status.slice(0, 3)));

/** The person in whose partition an address is. */
export const personAt = (address: string): string => address.replace(/^[^/]*\//, '').split('.')[0]!;

/** The person of what was written alone. */
export const personIn = (answer: Answer): string => personAt(addressIn(answer));

/** The person with an NHS number. */
export const numbered = (nhsNumber: string): string => identity.person({ system: NHS, value: nhsNumber });

interface Outcome {
  readonly resourceType?: string;
  readonly issue?: readonly { readonly details?: { readonly coding?: readonly { readonly code: string }[] } }[];
}

/** Codes of what an answer says beside what became of the write: of one interaction, or of all entries of a bundle. */
export function noticesIn({ body }: Answer): string[] {
  const outcomes: Outcome[] =
    body?.resourceType === 'Bundle'
      ? body.entry.map(({ response }: { response: { outcome?: Outcome } }) => response.outcome ?? {})
      : [body?.resourceType === 'OperationOutcome' ? body : {}];
  return outcomes
    .flatMap(({ issue = [] }) => issue.flatMap(({ details }) => details?.coding?.map(({ code }) => code) ?? []))
    .filter((code) => code !== 'written' && code !== 'nothing-changed');
}

/** Asks that the answer to one interaction says what became of it. */
export const SAYING = { headers: { prefer: 'return=OperationOutcome' } };

/** Marks what a source now says to be about somebody else. */
const STATEMENT = 'urn:chesil:statement';

/** What a whole record says: `owner type marker` of each fragment that is not retracted, sorted. */
async function recordOf({ store }: Ingest, person: string): Promise<string[]> {
  const { folds } = await store.person(person);
  return folds.flatMap(({ fragments }) => [...fragments.values()].flatMap(lineOf)).sort();
}

function lineOf({ body, owner }: Fragment): string[] {
  if (body === undefined) return [];
  const { resourceType, name, code, identifier, meta } = JSON.parse(body);
  const marker = name?.[0]?.family ?? code?.text ?? code?.coding?.[0]?.code ?? identifier?.[0]?.value;
  const doubted = meta.tag?.some(({ system }: { system: string }) => system === STATEMENT) ? ' (about somebody else)' : '';
  return [`${owner} ${resourceType} ${marker}${doubted}`];
}

/** Every person whose record is read together with this one's, itself included, sorted. */
const linkedWith = async ({ store }: Ingest, person: string): Promise<string[]> =>
  (await store.person(person)).folds.map(({ subject }) => subject).sort();

/** Codes of the questions that contributions to these persons' partitions ask, each once. */
async function questionsOf({ store }: Ingest, persons: readonly string[]): Promise<string[]> {
  const codes = new Set<string>();
  for (const person of persons) {
    for await (const contribution of store.contributions(person)) {
      const { bodies: _bodies, fragments: _fragments, ...rest } = contribution;
      for (const [, code] of JSON.stringify(rest).matchAll(
        /"(possible-duplicate|number-corrected|link-without-effect|unstable-ids)"/g,
      ))
        codes.add(code!);
    }
  }
  return [...codes].sort();
}

/** The address of the FHIR server itself: what it gave out is the same with and without it. */
export const OURS = FHIR_URL;
