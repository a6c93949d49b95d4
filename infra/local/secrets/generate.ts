import { randomInt } from 'node:crypto';
import { UnsupportedTemplate } from '../resource.ts';

/** `GenerateSecretString` of a template (CloudFormation, AWS::SecretsManager::Secret). */
export interface Generation {
  readonly PasswordLength?: number | string;
  readonly ExcludeCharacters?: string;
  readonly ExcludeLowercase?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly IncludeSpace?: boolean;
  readonly RequireEachIncludedType?: boolean;
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
}

const KNOWN = [
  ...['PasswordLength', 'ExcludeCharacters', 'ExcludeLowercase', 'ExcludeUppercase', 'ExcludeNumbers', 'ExcludePunctuation'],
  ...['IncludeSpace', 'RequireEachIncludedType', 'SecretStringTemplate', 'GenerateStringKey'],
];

/** The text that Secrets Manager would make: a password, inside a JSON template when the description has one. */
export function generateSecret(generation: Generation, at: string): string {
  const unknown = Object.keys(generation).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new UnsupportedTemplate(`${at}.${unknown}`, 'unknown property');
  const password = generatePassword(generation, at);
  const { SecretStringTemplate, GenerateStringKey } = generation;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(SecretStringTemplate) as object), [GenerateStringKey]: password });
}

function generatePassword(generation: Generation, at: string): string {
  const excluded = new Set(generation.ExcludeCharacters ?? '');
  const kinds = [
    generation.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    generation.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    generation.ExcludeNumbers ? '' : '0123456789',
    generation.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    generation.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.has(character)))
    .filter((kind) => kind.length > 0);
  const length = Number(generation.PasswordLength ?? 32);
  const all = kinds.flat();
  if (all.length === 0 || !(length >= kinds.length && length <= 4096))
    throw new UnsupportedTemplate(at, 'no password can be made like this');
  const required = generation.RequireEachIncludedType === false ? [] : kinds.map(pick);
  const rest = Array.from({ length: length - required.length }, () => pick(all));
  return shuffle([...required, ...rest]).join('');
}

const pick = (characters: readonly string[]): string => characters[randomInt(characters.length)]!;

function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
