import type { Place, ResolvedResource } from '../resource.ts';
import { UnsupportedTemplate } from '../resource.ts';
import { type Assembly, type RawResource, readAssembly, type Stack } from './assembly.ts';
import { type Addresses, generatedName, type KnownType, type Naming, opaqueId } from './known-type.ts';
import { KNOWN_TYPES, unknownProperty } from './known-types.ts';
import { holds, NO_VALUE, resolve, type Scope } from './resolve.ts';

/** A resource of the system, with what only the runtime itself needs to know of it. */
export interface TemplateResource extends ResolvedResource {
  readonly stack: string;
  /** Folder of the code that the resource runs; of functions only. */
  readonly assetFolder: string | undefined;
}

/** The whole system as the templates describe it, every name given. */
export interface Template {
  readonly place: Place;
  readonly resources: readonly TemplateResource[];
}

/** The account that local ARNs name. */
const ACCOUNT = '000000000000';

/** A stack in a stack is read, not played: its resources are. */
const NESTED_STACK = 'AWS::CloudFormation::Stack';

/**
 * Reads a cloud assembly and gives every resource its name. Properties are resolved when they are looked at, and once.
 *
 * @throws UnsupportedTemplate which lists every resource type and property that the runtime does not know
 */
export function readTemplate(assemblyFolder: string, addresses: Addresses): Template {
  const assembly = readAssembly(assemblyFolder);
  const place = { region: assembly.region, account: ACCOUNT };
  const system = new System(assembly, place, addresses);
  const resources = system.resources();
  refuseUnknown(resources);
  return { place, resources };
}

function refuseUnknown(resources: readonly TemplateResource[]): void {
  // Types first: a property may refer to a resource whose type is not known.
  const types = resources.filter(({ type }) => !KNOWN_TYPES.has(type));
  tell(types.map(({ logicalId, type }) => `${logicalId} is of the type ${type}`));
  tell(
    resources.flatMap(({ logicalId, type, properties }) => {
      const property = unknownProperty(KNOWN_TYPES.get(type)!, properties);
      return property === undefined ? [] : [`${logicalId} (${type}) has the property ${property}`];
    }),
  );
}

function tell(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const advice =
    'Say in infra/local/template/types/ what it means on one machine (honoured, or ignored and why), and play it; or leave it out of the template.';
  throw new UnsupportedTemplate('the runtime does not know', `\n${problems.map((line) => `  ${line}`).join('\n')}\n${advice}`);
}

/** All stacks together, with the references between them. */
class System {
  private readonly assembly: Assembly;
  private readonly place: Place;
  private readonly addresses: Addresses;
  private readonly stacks: ReadonlyMap<string, Stack>;
  /** Expressions that are being resolved: one that is met again is a circle. */
  private readonly open = new Set<string>();

  constructor(assembly: Assembly, place: Place, addresses: Addresses) {
    this.assembly = assembly;
    this.place = place;
    this.addresses = addresses;
    this.stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
  }

  resources(): TemplateResource[] {
    return this.assembly.stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources ?? {})
        .filter(([, { Type, Condition }]) => Type !== NESTED_STACK && this.isWanted(stack, Condition))
        .map(([logicalId, raw]) => this.resource(stack, logicalId, raw)),
    );
  }

  private isWanted(stack: Stack, condition: string | undefined): boolean {
    return condition === undefined || this.scope(stack, condition).condition(condition);
  }

  private resource(stack: Stack, logicalId: string, raw: RawResource): TemplateResource {
    const known = KNOWN_TYPES.get(raw.Type);
    const naming = this.naming(stack, logicalId, raw);
    const path = raw.Metadata?.['aws:asset:path'];
    const properties = this.lazily(stack, logicalId, raw);
    return {
      stack: stack.name,
      logicalId: `${stack.name}/${logicalId}`,
      type: raw.Type,
      properties,
      ref: known?.ref(naming) ?? '',
      attributes: attributesOf(known, naming),
      assetFolder: typeof path === 'string' ? `${stack.folder}/${path}` : undefined,
    };
  }

  /** An object whose members are resolved when they are first read. Members that are `AWS::NoValue` are not there at all. */
  private lazily(stack: Stack, logicalId: string, raw: RawResource): Readonly<Record<string, unknown>> {
    const properties = {};
    for (const [name, written] of Object.entries(raw.Properties ?? {})) {
      const scope = this.scope(stack, `${logicalId}.${name}`);
      if (vanishes(written, scope)) continue;
      let value: { readonly resolved: unknown } | undefined;
      const get = () => {
        value ??= { resolved: this.guarded(`${stack.name}/${logicalId}.${name}`, () => resolve(written, scope)) };
        return value.resolved;
      };
      Object.defineProperty(properties, name, { enumerable: true, get });
    }
    return properties;
  }

  private naming(stack: Stack, logicalId: string, raw: RawResource): Naming {
    const property = (name: string) => {
      const written = raw.Properties?.[name];
      if (written === undefined) return undefined;
      const value = this.guarded(`${stack.name}/${logicalId}.${name}`, () => resolve(written, this.scope(stack, logicalId)));
      return value === NO_VALUE ? undefined : value;
    };
    return {
      stack: stack.name,
      logicalId,
      place: this.place,
      addresses: this.addresses,
      property,
      name: (explicit, most) => {
        const given = explicit === undefined ? undefined : property(explicit);
        return given === undefined ? generatedName(stack.name, logicalId, most) : String(given);
      },
      opaque: (length, alphabet) => opaqueId(`${stack.name}/${logicalId}`, length, alphabet),
    };
  }

  private scope(stack: Stack, inside: string): Scope {
    const at = `${stack.name}/${inside}`;
    return {
      at,
      ref: (name) => this.ref(stack, name, at),
      attribute: (logicalId, attribute) => this.attribute(stack, logicalId, attribute, at),
      imported: (name) => this.imported(name, at),
      stackOutput: (name, output) => this.output(this.stackOf(name, at), output),
      mapping: (map, key, subkey) => {
        const value = stack.template.Mappings?.[map]?.[key]?.[subkey];
        if (value === undefined) throw new UnsupportedTemplate(at, `there is no mapping ${map}.${key}.${subkey}`);
        return value;
      },
      condition: (name) => {
        const condition = stack.template.Conditions?.[name];
        if (condition === undefined) throw new UnsupportedTemplate(at, `there is no condition ${name}`);
        return this.guarded(`${stack.name}/condition ${name}`, () => holds(condition, this.scope(stack, name)));
      },
      localise: (text) => this.localise(text),
    };
  }

  private ref(stack: Stack, name: string, at: string): unknown {
    if (name.startsWith('AWS::')) return this.pseudo(stack, name, at);
    const raw = stack.template.Resources?.[name];
    if (raw !== undefined) return this.known(raw, `${stack.name}/${name}`).ref(this.naming(stack, name, raw));
    if (stack.template.Parameters?.[name] !== undefined) return this.parameter(stack, name, at);
    throw new UnsupportedTemplate(at, `it refers to ${name}, which the template does not have`);
  }

  private parameter(stack: Stack, name: string, at: string): unknown {
    const given = stack.parent?.stack.template.Resources?.[stack.parent.logicalId]?.Properties?.Parameters as
      | Readonly<Record<string, unknown>>
      | undefined;
    if (stack.parent !== undefined && given?.[name] !== undefined)
      return resolve(given[name], this.scope(stack.parent.stack, stack.parent.logicalId));
    const { Type, Default } = stack.template.Parameters?.[name] ?? {};
    if (Default === undefined) throw new UnsupportedTemplate(at, `the parameter ${name} has no default, and nobody to give it`);
    return Type === 'CommaDelimitedList' ? String(Default).split(',') : Default;
  }

  private pseudo(stack: Stack, name: string, at: string): unknown {
    const values: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': this.place.account,
      'AWS::NoValue': NO_VALUE,
      'AWS::NotificationARNs': [],
      'AWS::Partition': 'aws',
      'AWS::Region': this.place.region,
      'AWS::StackId': `arn:aws:cloudformation:${this.place.region}:${this.place.account}:stack/${stack.name}/local`,
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    if (!Object.hasOwn(values, name)) throw new UnsupportedTemplate(at, `the pseudo parameter ${name} is not known`);
    return values[name];
  }

  private attribute(stack: Stack, logicalId: string, attribute: string, at: string): unknown {
    const raw = stack.template.Resources?.[logicalId];
    if (raw === undefined) throw new UnsupportedTemplate(at, `it refers to ${logicalId}, which the template does not have`);
    if (raw.Type === NESTED_STACK && attribute.startsWith('Outputs.'))
      return this.output(this.stackOf(`${stack.name}-${logicalId}`, at), attribute.slice('Outputs.'.length));
    const answer = this.known(raw, `${stack.name}/${logicalId}`).attributes?.[attribute];
    if (answer === undefined)
      throw new UnsupportedTemplate(
        at,
        `it asks for the attribute ${attribute} of ${logicalId} (${raw.Type}): add it to infra/local/template/types/`,
      );
    return answer(this.naming(stack, logicalId, raw));
  }

  private known(raw: RawResource, at: string): KnownType {
    const known = KNOWN_TYPES.get(raw.Type);
    if (known === undefined)
      throw new UnsupportedTemplate(at, `the resource type ${raw.Type} is not known: add it to infra/local/template/types/`);
    return known;
  }

  private output(stack: Stack, name: string): unknown {
    const output = stack.template.Outputs?.[name];
    const at = `${stack.name}/Outputs.${name}`;
    if (output === undefined) throw new UnsupportedTemplate(at, 'there is no such output');
    return this.guarded(at, () => resolve(output.Value, this.scope(stack, `Outputs.${name}`)));
  }

  private imported(name: string, at: string): unknown {
    for (const stack of this.assembly.stacks)
      for (const [output, { Export }] of Object.entries(stack.template.Outputs ?? {}))
        if (Export !== undefined && resolve(Export.Name, this.scope(stack, output)) === name) return this.output(stack, output);
    throw new UnsupportedTemplate(at, `no stack exports ${name}`);
  }

  private stackOf(name: string, at: string): Stack {
    const stack = this.stacks.get(name);
    if (stack === undefined) throw new UnsupportedTemplate(at, `there is no stack ${name}`);
    return stack;
  }

  private localise(text: string): string {
    return text
      .replace(/https:\/\/[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g, this.addresses.gateway)
      .replace(/https:\/\/[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com/g, this.addresses.gateway);
  }

  private guarded<T>(what: string, work: () => T): T {
    if (this.open.has(what)) throw new UnsupportedTemplate(what, 'its value depends on itself');
    this.open.add(what);
    try {
      return work();
    } finally {
      this.open.delete(what);
    }
  }
}

/** Whether a property is not there at all: only a condition or `AWS::NoValue` itself can make it so. */
const vanishes = (written: unknown, scope: Scope): boolean =>
  typeof written === 'object' &&
  written !== null &&
  ('Ref' in written ? written.Ref === 'AWS::NoValue' : 'Fn::If' in written && resolve(written, scope) === NO_VALUE);

function attributesOf(known: KnownType | undefined, naming: Naming): Readonly<Record<string, string>> {
  const attributes = {};
  for (const [name, answer] of Object.entries(known?.attributes ?? {}))
    Object.defineProperty(attributes, name, { enumerable: true, get: () => answer(naming) });
  return attributes;
}
