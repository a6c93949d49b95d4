import { type ResolvedResource, UnsupportedTemplate } from '../../resource.ts';

/** What the pool knows of its users beside their names: an attribute that the template adds begins with `custom:`. */
export interface Attribute {
  readonly mostCharacters: number;
}

/** Attributes that every user has (OpenID Connect Core 1.0, section 5.1). */
export const STANDARD: readonly string[] = ['email', 'family_name', 'given_name', 'name', 'preferred_username'];
const MOST_CHARACTERS = 2048;

interface SchemaAttribute {
  readonly Name: string;
  readonly AttributeDataType?: string;
  readonly Mutable?: unknown;
  readonly Required?: unknown;
  readonly DeveloperOnlyAttribute?: unknown;
  readonly StringAttributeConstraints?: { readonly MaxLength?: string; readonly MinLength?: string };
}

/** @returns attributes by name, as mappings and tokens name them */
export function readAttributes({ logicalId, properties }: ResolvedResource): ReadonlyMap<string, Attribute> {
  const { Schema = [] } = properties as { Schema?: readonly SchemaAttribute[] };
  const custom = Schema.map((attribute): [string, Attribute] => {
    const { Name, AttributeDataType, Mutable, DeveloperOnlyAttribute, StringAttributeConstraints = {} } = attribute;
    const at = `${logicalId}.Schema.${Name}`;
    if (AttributeDataType !== 'String') throw new UnsupportedTemplate(at, 'only texts are known');
    if (DeveloperOnlyAttribute !== undefined) throw new UnsupportedTemplate(at, 'developers’ own attributes are not known');
    // Cognito: what cannot change makes every sign-in but the first fail.
    if (String(Mutable) !== 'true')
      throw new UnsupportedTemplate(at, 'what a provider says anew at each sign-in must be mutable');
    return [`custom:${Name}`, { mostCharacters: Number(StringAttributeConstraints.MaxLength ?? MOST_CHARACTERS) }];
  });
  return new Map([...STANDARD.map((name): [string, Attribute] => [name, { mostCharacters: MOST_CHARACTERS }]), ...custom]);
}
