import {
  type AttributeMapping,
  ClientAttributes,
  type ICustomAttribute,
  ProviderAttribute,
  StringAttribute,
} from 'aws-cdk-lib/aws-cognito';
import type { Provider } from '../../../shared/directory/providers.ts';

/** Cognito: no text attribute is longer. A provider that says more of somebody cannot sign them in. */
const MOST_CHARACTERS = 2048;

/** What providers say of people, under the names by which `claims` finds it; `custom:` stands before each. */
const CUSTOM = ['staff_id', 'roles', 'selected_role', 'assurance', 'nhs_number'] as const;
type Custom = (typeof CUSTOM)[number];

/** Mutable, for each sign-in says it anew. */
export const customAttributes = (): Record<string, ICustomAttribute> =>
  Object.fromEntries(CUSTOM.map((name) => [name, new StringAttribute({ mutable: true, maxLen: MOST_CHARACTERS })]));

/**
 * What apps may write: all that is mapped, for it is on behalf of an app that Cognito notes what a provider said. With a token nobody
 * can: no app has the scope `aws.cognito.signin.user.admin`.
 */
export const writableAttributes = (): ClientAttributes =>
  new ClientAttributes().withStandardAttributes({ fullname: true, email: true }).withCustomAttributes(...CUSTOM);

/** What apps may read, and so what ID tokens say: all else is for the token trigger. */
export const readableAttributes = (): ClientAttributes => new ClientAttributes().withStandardAttributes({ fullname: true });

interface Claims extends Readonly<Partial<Record<Custom, string>>> {
  readonly name: string;
  readonly email?: string;
}

/** Names of claims (OIDC) or attributes (SAML) by the shape of provider. Which provider it was, Cognito says itself (`identities`). */
const OIDC: Readonly<Record<Provider['shape'], Claims>> = {
  // CIS2: "Scopes and claims" of Care Identity Authentication.
  cis2: {
    name: 'name',
    staff_id: 'nhsid_useruid',
    roles: 'nhsid_nrbac_roles',
    selected_role: 'selected_roleid',
    assurance: 'id_assurance_level',
  },
  // Entra ID: "ID token claims reference".
  groups: { name: 'name', email: 'email', staff_id: 'oid', roles: 'groups', assurance: 'acr' },
  // NHS login: "Scopes and claims".
  'nhs-login': { name: 'name', nhs_number: 'nhs_number', assurance: 'identity_proofing_level' },
};

/** Entra ID: "SAML token claims reference"; AD FS and Shibboleth can be told to use the same names. */
const SAML: Claims = {
  name: 'http://schemas.microsoft.com/identity/claims/displayname',
  email: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  staff_id: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
  roles: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
  assurance: 'http://schemas.microsoft.com/claims/authnmethodsreferences',
};

/** What the pool's attributes are called by a provider. */
export function attributeMapping({ shape, connection }: Provider): AttributeMapping {
  const { name, email, ...custom } = connection.protocol === 'saml' ? SAML : OIDC[shape];
  return {
    fullname: ProviderAttribute.other(name),
    ...(email === undefined ? {} : { email: ProviderAttribute.other(email) }),
    custom: Object.fromEntries(
      Object.entries(custom).map(([attribute, claim]) => [`custom:${attribute}`, ProviderAttribute.other(claim)]),
    ),
  };
}
