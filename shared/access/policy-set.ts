import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

/** Policies that parsed, ready to be asked. */
export interface PolicySet {
  /** The first 16 hexadecimal digits of the SHA-256 of all policies and their schema: noted in every access. */
  readonly version: string;
  /** @returns whether the request is allowed, and the names of the policies that decided it (none: denied by default). */
  ask(request: PolicyRequest): PolicyDecision;
}

export interface PolicyRequest {
  readonly principal: cedar.TypeAndId;
  readonly action: string;
  readonly resource: cedar.TypeAndId;
  readonly context: cedar.Context;
  readonly entities: cedar.Entities;
}

export interface PolicyDecision {
  readonly allowed: boolean;
  /** The `@id` of each, such as `care-team`. */
  readonly policies: readonly string[];
}

/** The text of the policies, one entry a file, and of their schema. */
export interface PolicyTexts {
  readonly schema: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Reads `*.cedar` and `schema.cedarschema` of a folder. */
export function readPolicies(folder: string): PolicyTexts {
  const names = readdirSync(folder).filter((name) => name.endsWith('.cedar'));
  return {
    schema: readFileSync(join(folder, 'schema.cedarschema'), 'utf8'),
    files: new Map(names.sort().map((name) => [name.slice(0, -'.cedar'.length), readFileSync(join(folder, name), 'utf8')])),
  };
}

/**
 * Parses policies.
 *
 * Their schema is not parsed with them unless requests are to be checked against it: that takes as long as all the rest of a cold start. The check validates the
 * policies, the tests check every request, and a policy that misses something in a request throws when it is asked.
 * @param requests whether each request is checked against the schema when it is asked
 * @throws Error naming the file and the place where a policy does not parse: nothing may start with policies that say something else than was meant.
 */
export function loadPolicies(texts: PolicyTexts, requests: 'trusted' | 'checked' = 'trusted'): PolicySet {
  const version = versionOf(texts);
  const parsed = cedar.preparsePolicySet(version, { staticPolicies: [...texts.files.values()].join('\n') });
  if (parsed.type === 'failure') {
    // Says in which file.
    policiesIn(texts);
    throw policyError('policies', parsed.errors);
  }
  const names = namesIn(texts);
  const schema = requests === 'checked' ? { preparsedSchemaName: parseSchema(version, texts), validateRequest: true } : {};
  return {
    version,
    ask: ({ principal, action, resource, context, entities }) => {
      const answer = cedar.statefulIsAuthorized({
        principal,
        action: { type: 'Chesil::Action', id: action },
        resource,
        context,
        entities,
        preparsedPolicySetId: version,
        ...schema,
      });
      if (answer.type === 'failure') throw policyError('request', answer.errors);
      const { decision, diagnostics } = answer.response;
      // A policy that fails to evaluate is left out by Cedar; if that was a `forbid`, leaving it out would show what it hides.
      if (diagnostics.errors.length > 0) throw new Error('a policy failed to evaluate', { cause: diagnostics.errors });
      return { allowed: decision === 'allow', policies: diagnostics.reason.map((place) => names.get(place)!) };
    },
  };
}

function parseSchema(version: string, { schema }: PolicyTexts): string {
  const parsed = cedar.preparseSchema(version, schema);
  if (parsed.type === 'failure') throw policyError('schema.cedarschema', parsed.errors);
  return version;
}

/** Names of the policies by the places that Cedar gives them in a text: `policy0`, `policy1`, … Read from the text, which is a tenth of the time of parsing it again. */
function namesIn(texts: PolicyTexts): ReadonlyMap<string, string> {
  const rules = [...texts.files.values()].flatMap((text) => [...text.matchAll(RULE)].map(([, id]) => id));
  // Says which has no name, or the same as another.
  if (rules.includes(undefined) || new Set(rules).size < rules.length) policiesIn(texts);
  return new Map(rules.map((id, index) => [`policy${index}`, id!]));
}

/** The head of a rule, with its name before it: a rule begins a line. */
const RULE = /^(?:@id\("([a-z-]+)"\)\s+)?(?:permit|forbid)\b/gm;

/** Every complaint of Cedar's strict validator about policies against their schema, each with its file. */
export function validatePolicies(texts: PolicyTexts): readonly string[] {
  const named = [...namesIn(texts).values()];
  const unread = policiesIn(texts).find(({ id }) => !named.includes(id));
  if (unread !== undefined) return [`${unread.topic}.cedar: the rule ${unread.id} does not begin a line`];
  const answer = cedar.validate({
    schema: texts.schema,
    policies: { staticPolicies: namedPolicies(texts) },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors.map(({ message }) => message);
  return [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => `${policyId}: ${error.message}`);
}

/** One rule, as it is written. */
export interface PolicyText {
  /** The name that its `@id` gives it: lower-case words with hyphens, unique among all files. */
  readonly id: string;
  /** The file that it is in, without `.cedar`. */
  readonly topic: string;
  readonly text: string;
}

/**
 * Every rule of every file, in order.
 * @throws Error naming the file where one does not parse, has no name, or has a name that another has
 */
export function policiesIn({ files }: PolicyTexts): readonly PolicyText[] {
  const found = new Map<string, PolicyText>();
  for (const [topic, text] of files) {
    const parts = cedar.policySetTextToParts(text);
    if (parts.type === 'failure') throw policyError(`${topic}.cedar`, parts.errors);
    for (const [index, policy] of parts.policies.entries()) {
      const place = `${topic}.cedar: rule ${index + 1}`;
      const id = /^\s*@id\("([a-z]+(?:-[a-z]+)*)"\)/.exec(policy)?.[1];
      if (id === undefined) throw policyError(place, [{ message: 'it does not begin with its name, as in @id("care-team")' }]);
      if (found.has(id)) throw policyError(place, [{ message: `${found.get(id)!.topic}.cedar has a rule of the same name` }]);
      found.set(id, { id, topic, text: policy });
    }
  }
  return [...found.values()];
}

const namedPolicies = (texts: PolicyTexts): Record<string, string> =>
  Object.fromEntries(policiesIn(texts).map(({ id, text }) => [id, text]));

function policyError(where: string, errors: readonly Pick<cedar.DetailedError, 'message' | 'sourceLocations'>[]): Error {
  const told = errors.map(
    ({ message, sourceLocations }) => `${message}${sourceLocations?.[0] ? ` at character ${sourceLocations[0].start}` : ''}`,
  );
  return new Error(`access policies cannot be used: ${where}: ${told.join('; ')}`);
}

function versionOf({ schema, files }: PolicyTexts): string {
  const hash = createHash('sha256').update(schema);
  for (const [name, text] of files) hash.update(`\0${name}\0${text}`);
  return hash.digest('hex').slice(0, 16);
}
