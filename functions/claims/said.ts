import type { Provider } from '../../shared/directory/providers.ts';

/** What a provider said of somebody, as the user pool keeps it: text, none of it believed yet. */
export interface Said {
  readonly name?: string;
  readonly staffId?: string;
  readonly assurance?: string;
  /** Roles or groups, however Cognito flattened them. */
  readonly roles?: string;
  /** CIS2: the id of the role that was chosen there. */
  readonly selectedRole?: string;
  readonly nhsNumber?: string;
}

/** Attributes of the user pool that providers fill. None of them is for apps: ID tokens hold none. */
export const ATTRIBUTES = {
  staffId: 'custom:staff_id',
  assurance: 'custom:assurance',
  roles: 'custom:roles',
  selectedRole: 'custom:selected_role',
  nhsNumber: 'custom:nhs_number',
} as const;

type Attributes = Readonly<Record<string, unknown>>;

/** Longer than any attribute of a user pool can be (2,048 characters), so nothing real is cut. */
const MAX_LENGTH = 4_096;
const MAX_NAME = 100;

export function saidIn(attributes: Attributes): Said {
  const name = nameIn(attributes);
  const fields = Object.entries(ATTRIBUTES).flatMap(([field, attribute]) => {
    const value = textOf(attributes, attribute);
    return value === undefined ? [] : [[field, value] as const];
  });
  return { ...Object.fromEntries(fields), ...(name === undefined ? {} : { name }) };
}

/** A name as the audit shows it: one line, without what could rearrange the line that it stands in. */
function nameIn(attributes: Attributes): string | undefined {
  const name = textOf(attributes, 'name')
    ?.replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  return name ? [...name].slice(0, MAX_NAME).join('') : undefined;
}

function textOf(attributes: Attributes, name: string): string | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  return value.trim() || undefined;
}

/**
 * The provider that somebody signed in with: Cognito notes it in `identities`, which no provider can fill. With more than one, which of them vouched is not
 * told, so none is believed; nothing here links them.
 */
export function providerIn(attributes: Attributes, providers: readonly Provider[]): Provider | undefined {
  const identities = parsed(textOf(attributes, 'identities') ?? '');
  if (!Array.isArray(identities) || identities.length !== 1) return undefined;
  const name: unknown = identities[0]?.providerName;
  return providers.find(({ id }) => id === name);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
