import type { Identifier } from '../record/identity.ts';
import type { Issue, OutcomeCode } from './outcomes.ts';
import { isPatchProblem, type PatchOperation, parsePatch } from './patch.ts';
import type { Json } from './references.ts';
import { readIdentifierToken } from './search/matching/search-token.ts';

/** The write interactions of the RESTful API (http://hl7.org/fhir/R4/http.html), however they came: alone, or as an entry of a bundle. */
export interface Interaction {
  readonly kind: 'create' | 'update' | 'patch' | 'delete';
  readonly type: string;
  /** Logical id in the address: one of ours, or the source's own. */
  readonly id?: string;
  /** Conditional interactions: the search that stands in place of the id. */
  readonly condition?: Condition;
  /** Conditional create: nothing is done when this is found. */
  readonly ifNoneExist?: Condition;
  /** `If-None-Match: *`: only create. */
  readonly onlyCreate: boolean;
  /** Version that must be the current one. */
  readonly ifMatch?: number;
  readonly resource?: Json;
  readonly patch?: readonly PatchOperation[];
}

/** A search for one fragment: by business identifier, of a person where the type is about one and no body says whom. */
export interface Condition {
  readonly identifier: Identifier;
  readonly person?: PersonQuery;
}

/** `patient=Patient/123` or `patient.identifier=system|value`. */
export type PersonQuery = { readonly reference: string } | { readonly identifier: Identifier };

/** A request before it is understood. */
export interface RawInteraction {
  readonly method: string;
  /** `['Observation']` or `['Observation', '123']`. */
  readonly path: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: string;
  /** The parsed body: a resource, or a JSON Patch for PATCH. */
  readonly body?: unknown;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

type Kind = Interaction['kind'];

const KINDS: Readonly<Record<string, Kind>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/**
 * Understands a write.
 * @param at expression of the resource in what was sent, such as `Bundle.entry[3].resource`.
 * @returns the interaction, or every problem found.
 */
export function readInteraction(raw: RawInteraction, at?: string): Interaction | { readonly issues: Issue[] } {
  const [type = '', id, ...rest] = raw.path;
  const kind = KINDS[raw.method];
  const place = at === undefined ? {} : { expression: at };
  if (kind === undefined || rest.length > 0 || (kind === 'create' && id !== undefined)) {
    return { issues: [{ code: 'not-allowed', ...place }] };
  }
  if (!TYPE.test(type)) return { issues: [{ code: 'unknown-type', ...place }] };
  const reader = new Reader(at ?? type);
  const condition = id === undefined && kind !== 'create' ? reader.condition(raw.query) : undefined;
  const ifNoneExist = raw.ifNoneExist === undefined || kind !== 'create' ? undefined : reader.ifNoneExist(raw.ifNoneExist);
  const ifMatch = reader.ifMatch(raw.ifMatch);
  const onlyCreate = reader.onlyCreate(raw.ifNoneMatch, kind);
  if (id !== undefined && !ID.test(id)) reader.add('bad-id');
  const resource =
    kind === 'create' || kind === 'update' ? reader.resource(raw.body, type, kind === 'update' ? id : undefined) : undefined;
  const patch = kind === 'patch' ? reader.patch(raw.body) : undefined;
  if (reader.issues.length > 0) return { issues: reader.issues };
  return { kind, type, onlyCreate, ...defined({ id, condition, ifNoneExist, ifMatch, resource, patch }) };
}

/** Without the properties that are absent. */
const defined = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

/** Reads the parts of a request and gathers what is wrong with them. */
class Reader {
  readonly issues: Issue[] = [];
  readonly at: string;

  constructor(at: string) {
    this.at = at;
  }

  add(code: OutcomeCode, diagnostics?: string, expression = this.at) {
    this.issues.push({ code, expression, ...(diagnostics === undefined ? {} : { diagnostics }) });
  }

  condition(query: RawInteraction['query']): Condition | undefined {
    const condition = parseCondition(query);
    if (condition === undefined) this.add('bad-parameter', CONDITION_HELP);
    return condition;
  }

  ifNoneExist(text: string): Condition | undefined {
    const query = text.includes('?') ? text.slice(text.indexOf('?') + 1) : text;
    return this.condition([...new URLSearchParams(query)]);
  }

  ifMatch(text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const version = parseVersion(text);
    if (version === undefined) this.add('bad-precondition');
    return version;
  }

  onlyCreate(text: string | undefined, kind: Kind): boolean {
    if (text === undefined) return false;
    if (text.trim() === '*' && kind === 'update') return true;
    this.add('bad-precondition', 'If-None-Match may be * on an update, and nothing else.');
    return false;
  }

  /** FHIR R4, http.html#update: the body's type and id are those of the address. */
  resource(body: unknown, type: string, id: string | undefined): Json | undefined {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      this.add('body-required');
      return undefined;
    }
    const resource = body as Json;
    if (resource.resourceType !== type) this.add('type-mismatch', undefined, `${this.at}.resourceType`);
    else if (id !== undefined && resource.id !== id) this.add('type-mismatch', undefined, `${this.at}.id`);
    return resource;
  }

  patch(body: unknown): readonly PatchOperation[] | undefined {
    const patch = parsePatch(body);
    if (!isPatchProblem(patch)) return patch;
    this.add(patch.problem, patch.index === undefined ? undefined : `Operation ${patch.index} of the patch.`);
    return undefined;
  }
}

const CONDITION_HELP =
  'Conditions are identifier=<system>|<value>, with patient=<id> or patient.identifier=<system>|<value> where no body names the person. In a value, put a backslash before |, a comma, $ or a backslash.';

const PERSON_PARAMETERS: Readonly<Record<string, 'reference' | 'identifier'>> = {
  patient: 'reference',
  subject: 'reference',
  'patient.identifier': 'identifier',
  'subject.identifier': 'identifier',
  'patient:identifier': 'identifier',
  'subject:identifier': 'identifier',
};

/** Reads a condition; `undefined` for any search that does not name one fragment by its business identifier. */
export function parseCondition(query: RawInteraction['query']): Condition | undefined {
  let identifier: Identifier | undefined;
  let person: PersonQuery | undefined;
  for (const [name, value] of query) {
    const form = PERSON_PARAMETERS[name];
    if (name === 'identifier' && identifier === undefined) {
      identifier = readIdentifierToken(value);
      if (identifier === undefined) return undefined;
    } else if (form === 'reference' && person === undefined && value !== '') {
      person = { reference: value.includes('/') ? value : `Patient/${value}` };
    } else if (form === 'identifier' && person === undefined) {
      const token = readIdentifierToken(value);
      if (token === undefined) return undefined;
      person = { identifier: token };
    } else return undefined;
  }
  return identifier && { identifier, ...(person === undefined ? {} : { person }) };
}

/** The version of an `If-Match`: `W/"3"`, `"3"` and `3` all occur among partners. */
export function parseVersion(text: string): number | undefined {
  const version = /^\s*(?:W\/)?(?:"([1-9]\d{0,8})"|([1-9]\d{0,8}))\s*$/.exec(text);
  return version ? Number(version[1] ?? version[2]) : undefined;
}
