import type { Grant } from '../../access/grants.ts';
import { GRANT_TERMS } from '../../access/reasons.ts';
import { ROLES } from '../../access/roles.ts';
import type { AccessEntry } from '../../store/audit.ts';
import { SECTIONS } from '../sections.ts';
import { DEEDS, GRANT_REASONS, OTHER_DEED, PURPOSES, REASONS } from './sentences.ts';

/** Who reads what is told of a look. */
export type Audience =
  | {
      /** The person looked at, or who acts for them. */
      readonly kind: 'person';
      /** Whether they may know that the record has something of a class (see `classKey`): what is kept from them is not named to them because others saw it. */
      knowsOf(classKey: string): boolean;
      /** Whether they are told the names of staff, or roles and organisations alone. */
      readonly namesStaff: boolean;
      /** Whether they are told for whom was looked: not where nobody is to learn where they are, for somebody else may hold their telephone. */
      readonly namesOrganisations: boolean;
    }
  | {
      /** A privacy officer or safety investigator: is told all that the audit knows. */
      readonly kind: 'officer';
    };

/** What a look is told with. */
export interface Telling {
  readonly audience: Audience;
  /** The name of the organisation as it stood then. */
  readonly organisationName: string | undefined;
  /** The grants that the entry names, as far as they are known. */
  readonly grants: readonly Grant[];
}

/**
 * A look in plain words: who, what, what for, when (in London), why they could, and which sections were shown.
 * Nothing is said here of what was withheld: the words are the same whether or not something was.
 * @returns sentences
 */
export function inPlainWords(entry: AccessEntry, telling: Telling): readonly string[] {
  const { interaction, outcome, at } = entry;
  const deed = DEEDS[interaction] ?? OTHER_DEED;
  const words = pronouns(entry, telling.audience);
  const say = (sentence: string) => filled(sentence, words);
  const purpose = say(PURPOSES[entry.purpose as keyof typeof PURPOSES] ?? '');
  const done = say(outcome === 'shown' ? deed.did : deed.tried);
  const reason = outcome === 'shown' ? reasonOf(entry, telling.grants) : undefined;
  return [
    `${[whoOf(entry, telling), done, purpose].filter(Boolean).join(' ')} on ${inLondon(at)}${reason === undefined ? '' : `, because ${say(reason)}`}.`,
    ...(deed.shows ? shownOf(entry, telling.audience) : []),
  ];
}

/** Whether whoever looked is the person whose record it is. */
export const isOwnLook = ({ signedIn, person, relationships = [] }: AccessEntry): boolean =>
  signedIn !== undefined && (signedIn === person || relationships.includes('self'));

/** Whether somebody looked who acts for the person: the record said so then. */
export const isProxyLook = (entry: AccessEntry): boolean =>
  entry.signedIn !== undefined && !isOwnLook(entry) && (entry.relationships ?? []).includes('proxy');

/** Whether somebody tried who is signed in as a person, of whom the record does not say that they act for this one. */
export const isStrangersLook = (entry: AccessEntry): boolean =>
  entry.signedIn !== undefined && !isOwnLook(entry) && !isProxyLook(entry);

/** The title of a role, in the words of the role catalogue. */
export const roleTitle = (role: string): string => (Object.hasOwn(ROLES, role) ? ROLES[role as keyof typeof ROLES].title : role);

/** What staff and people are called, where it may be told. */
export const tellsName = ({ audience }: Telling): boolean => audience.kind === 'officer' || audience.namesStaff;

/** For whom was looked, where it may be told. */
export const tellsOrganisation = ({ audience }: Telling): boolean => audience.kind === 'officer' || audience.namesOrganisations;

const UNNAMED = 'an organisation that is not named here';

function whoOf(entry: AccessEntry, telling: Telling): string {
  const { role, name, staff, organisation } = entry;
  const place = tellsOrganisation(telling) ? (telling.organisationName ?? organisation) : UNNAMED;
  if (isOwnLook(entry)) return telling.audience.kind === 'person' ? 'You' : 'The person';
  if (isProxyLook(entry)) {
    const whom = telling.audience.kind === 'person' ? 'you' : 'the person';
    return name !== undefined && tellsName(telling) ? `${name}, who acts for ${whom},` : `Somebody who acts for ${whom}`;
  }
  if (isStrangersLook(entry)) {
    const isTold = name !== undefined && telling.audience.kind === 'officer';
    return `${isTold ? `${name}, somebody` : 'Somebody'} else who is signed in as a member of the public,`;
  }
  if (role === 'operator') return 'Somebody who keeps this service running';
  if (staff === undefined) return `A computer system of ${place}`;
  const title = roleTitle(role);
  if (name !== undefined && tellsName(telling)) return `${name}, ${title} at ${place},`;
  return `${/^[aeiou]/i.test(title) ? 'An' : 'A'} ${title} at ${place}`;
}

function reasonOf(entry: AccessEntry, grants: readonly Grant[]): string | undefined {
  if (isOwnLook(entry)) return undefined;
  const { relationships = [], grants: used = [] } = entry;
  const known = isProxyLook(entry) ? ['proxy'] : relationships;
  const reasons = [
    ...known.flatMap((relationship) =>
      Object.hasOwn(REASONS, relationship) ? [REASONS[relationship as keyof typeof REASONS]] : [],
    ),
    ...used.map((id) => grantReason(grants.find((grant) => grant.id === id))),
  ];
  return reasons.length === 0 ? undefined : listed(reasons);
}

/** The reason's title alone: what staff wrote in their own words may be about somebody else too. */
function grantReason(grant: Grant | undefined): string {
  if (grant === undefined) return GRANT_REASONS.unknown;
  const title = GRANT_TERMS[grant.kind].reasons[grant.reason.code]?.title ?? grant.reason.code;
  return GRANT_REASONS[grant.kind].replace('{reason}', title);
}

function shownOf({ outcome, shown }: AccessEntry, audience: Audience): readonly string[] {
  if (outcome === 'refused') return ['Nothing was shown.'];
  const sections = sectionsOf(shown, audience);
  return sections.length === 0 ? [] : [`Shown: ${listed(sections.map(({ title, count }) => `${title} (${count})`))}.`];
}

/** What was shown by section, in the order of the sections, as far as the audience may know of it. */
export function sectionsOf(
  counts: AccessEntry['shown'],
  audience: Audience,
): readonly { readonly title: string; readonly count: number }[] {
  const known = Object.entries(counts).filter(([key]) => audience.kind === 'officer' || audience.knowsOf(key));
  const bySection = new Map<string, number>();
  for (const [key, count] of known) {
    const section = key.split(' ', 1)[0]!;
    bySection.set(section, (bySection.get(section) ?? 0) + count);
  }
  const titles = Object.entries(SECTIONS).flatMap(([section, title]) => {
    const count = bySection.get(section);
    bySection.delete(section);
    return count === undefined ? [] : [{ title: title as string, count }];
  });
  const others = [...bySection.values()].reduce((sum, count) => sum + count, 0);
  return others === 0 ? titles : [...titles, { title: 'Other parts', count: others }];
}

/** One, two and three. */
const listed = (texts: readonly string[]): string => new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(texts);

/** An instant as people in England read it, with the name of the time: in October an hour comes twice. */
export const inLondon = (at: string): string => {
  const parts = Object.fromEntries(LONDON.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year} at ${parts.hour}:${parts.minute} ${parts.timeZoneName}`;
};

const LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

type Words = Readonly<Record<string, string>>;

function pronouns(entry: AccessEntry, audience: Audience): Words {
  if (audience.kind === 'person') return { whose: 'your', person: 'you', were: 'were', are: 'are', have: 'have' };
  const whose = isOwnLook(entry) ? 'their own' : 'the person’s';
  return { whose, person: 'the person', were: 'was', are: 'is', have: 'has' };
}

const filled = (sentence: string, words: Words): string => sentence.replaceAll(/\{(\w+)\}/g, (gap, name) => words[name] ?? gap);
