/** What of JSON Schema (draft 2020-12) the schema of signals is written in. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly prefixItems?: readonly Schema[];
  readonly items?: Schema | false;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Schema[];
}

const KNOWN = new Set(
  ['$schema', 'title', 'description', 'examples', '$ref', '$defs', 'type', 'const', 'pattern', 'format', 'properties'].concat([
    ...['required', 'prefixItems', 'items', 'minItems', 'maxItems', 'anyOf'],
  ]),
);

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uri: (text) => URL.canParse(text),
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text),
};

/** Everything that is wrong with a value. @throws Error on a keyword that is not known here, so that none is passed over */
export function problemsOf(value: unknown, schema: unknown, root = schema as Schema, at = '$'): string[] {
  const one = schema as Schema;
  const unknown = Object.keys(one).filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) throw new Error(`keywords are not known: ${unknown}`);
  if (one.$ref !== undefined) return problemsOf(value, root.$defs![one.$ref.replace('#/$defs/', '')], root, at);
  const said: string[] = [];
  const typeIs = Array.isArray(value) ? 'array' : typeof value;
  if (one.type !== undefined && typeIs !== one.type) said.push(`${at} is no ${one.type}`);
  if (one.const !== undefined && value !== one.const) said.push(`${at} is not ${JSON.stringify(one.const)}`);
  if (typeof value === 'string') {
    if (one.pattern !== undefined && !new RegExp(one.pattern, 'u').test(value)) said.push(`${at} does not match`);
    if (one.format !== undefined && !FORMATS[one.format]!(value)) said.push(`${at} is no ${one.format}`);
  }
  if (one.anyOf?.every((each) => problemsOf(value, each, root, at).length > 0)) said.push(`${at} is none of what it may be`);
  if (Array.isArray(value)) said.push(...problemsOfItems(value, one, root, at));
  else if (typeof value === 'object' && value !== null) {
    const object = value as Readonly<Record<string, unknown>>;
    said.push(...(one.required ?? []).filter((name) => !(name in object)).map((name) => `${at}.${name} is missing`));
    for (const [name, each] of Object.entries(one.properties ?? {}))
      if (name in object) said.push(...problemsOf(object[name], each, root, `${at}.${name}`));
  }
  return said;
}

function problemsOfItems(
  value: readonly unknown[],
  { prefixItems = [], items, minItems = 0, maxItems = Infinity }: Schema,
  root: Schema,
  at: string,
) {
  const said = value.length < minItems || value.length > maxItems ? [`${at} has another length`] : [];
  value.forEach((each, index) => {
    const schema = prefixItems[index] ?? items;
    if (schema === false) said.push(`${at}[${index}] should not be there`);
    else if (schema !== undefined) said.push(...problemsOf(each, schema, root, `${at}[${index}]`));
  });
  return said;
}
