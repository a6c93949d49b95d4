import type { Attribute } from '../pool/attributes.ts';
import type { ProviderSettings } from '../pool/providers.ts';

/** A provider said more of somebody than the pool's attribute can hold. */
export class AttributeTooLong extends Error {
  override readonly name = 'AttributeTooLong';
  readonly code = 'attribute-too-long';

  constructor() {
    super('an attribute is longer than the user pool allows');
  }
}

/**
 * What a provider's claims are as attributes of the pool. Lists and objects become JSON text, as with Cognito.
 *
 * @throws AttributeTooLong
 */
export function attributesOf(
  claims: Readonly<Record<string, unknown>>,
  { mapping }: ProviderSettings,
  known: ReadonlyMap<string, Attribute>,
): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (const [name, claim] of Object.entries(mapping)) {
    const attribute = known.get(name);
    const said = claims[claim];
    if (attribute === undefined || said === undefined || said === null) continue;
    const text = typeof said === 'object' ? JSON.stringify(said) : String(said);
    if (text.length > attribute.mostCharacters) throw new AttributeTooLong();
    attributes[name] = text;
  }
  return attributes;
}
