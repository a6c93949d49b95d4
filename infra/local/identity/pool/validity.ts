import { type ResolvedResource, UnsupportedTemplate } from '../../resource.ts';

type Token = 'AccessToken' | 'IdToken' | 'RefreshToken';

const UNIT_SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** What Cognito takes, and what it takes where the template says nothing (CreateUserPoolClient). */
const BOUNDS: Readonly<
  Record<Token, { readonly unit: string; readonly usual: number; readonly least: number; readonly most: number }>
> = {
  AccessToken: { unit: 'hours', usual: 3600, least: 300, most: 86_400 },
  IdToken: { unit: 'hours', usual: 3600, least: 300, most: 86_400 },
  RefreshToken: { unit: 'days', usual: 30 * 86_400, least: 3600, most: 3650 * 86_400 },
};

/** How long a client's tokens of a kind last. @throws UnsupportedTemplate when Cognito would refuse it */
export function readSeconds({ logicalId, properties }: ResolvedResource, token: Token): number {
  const { unit, usual, least, most } = BOUNDS[token];
  const validity = properties[`${token}Validity`];
  if (validity === undefined) return usual;
  const units = (properties.TokenValidityUnits ?? {}) as Readonly<Record<string, string>>;
  const seconds = Number(validity) * (UNIT_SECONDS[units[token] ?? unit] ?? Number.NaN);
  if (seconds >= least && seconds <= most) return seconds;
  throw new UnsupportedTemplate(
    `${logicalId}.${token}Validity`,
    'Cognito takes 5 minutes to 1 day; of refresh tokens 1 hour to 10 years',
  );
}
