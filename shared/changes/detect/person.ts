import { listAt, textAt } from '../../fhir/grounds/look.ts';
import { ODS_ORGANISATION } from '../../fhir/systems.ts';
import type { Ground } from '../../record/contribution.ts';
import type { Fold, Fragment } from '../../record/fold.ts';
import type { PersonFact } from '../row.ts';
import { type Looked, look } from './look.ts';
import { compilePath } from './paths.ts';

/** What somebody says of a person: the values of each fact. */
export type Facts = Readonly<Record<PersonFact, readonly string[]>>;

/** Whether a version of a fragment says anything of what is known of the person. Reads the manifest alone. */
export const isAboutPerson = ({ type, grounds = [] }: Looked['version']): boolean =>
  type === 'Patient' || grounds.some(({ kind }) => kind === 'opt-out');

/** Everything that is said of the person, in some folds. @param counts whether a fragment does; all by default */
export function factsOfRecord(folds: readonly Fold[], at: string, counts: (fragment: Fragment) => boolean = () => true): Facts {
  const all = folds.flatMap(({ fragments }) =>
    [...fragments.values()]
      .filter((fragment) => fragment.action !== 'retracted' && isAboutPerson(fragment) && counts(fragment))
      .map((fragment) => factsOf(look(fragment, fragment.body), at)),
  );
  const names = Object.keys(NOTHING) as PersonFact[];
  return Object.fromEntries(names.map((name) => [name, [...new Set(all.flatMap((facts) => facts[name]))]])) as unknown as Facts;
}

const NOTHING: Facts = {
  address: [],
  practice: [],
  'formal-death': [],
  'informal-death': [],
  death: [],
  'death-date': [],
  restricted: [],
  'opt-out': [],
};

/** What one version says of the person. @param at ISO 8601 instant at which it counts */
export function factsOf({ version, resource }: Looked, at: string): Facts {
  if (version.action === 'retracted') return NOTHING;
  const standing = (version.grounds ?? []).filter((ground) => stands(ground, at));
  const of = (kind: Ground['kind']) => standing.filter((ground) => ground.kind === kind);
  const grounds = {
    ...NOTHING,
    practice: odsFirst(of('registered-practice').flatMap(({ names }) => names)),
    restricted: of('restricted').map(() => 'restricted'),
    'opt-out': of('opt-out').map(() => 'opt-out'),
  };
  if (version.type !== 'Patient' || resource === undefined) return grounds;
  return { ...grounds, ...deathOf(resource), address: addressesOf(resource) };
}

/** A practice that somebody names, or did. */
export interface Registration {
  /** By its code, in capitals. */
  readonly practice: string;
  /** When it began, milliseconds since the epoch: by what is said of it, or when it was said first. */
  readonly fromMs: number;
  readonly hasEnded: boolean;
}

/** The practices that a version says the person is registered with, and those that it remembers. */
export const registrationsOf = ({ grounds = [] }: Looked['version'], at: string): readonly Registration[] =>
  grounds
    .filter(({ kind }) => kind === 'registered-practice')
    .flatMap((ground) =>
      odsFirst(ground.names).map((practice) => ({
        practice,
        fromMs: Date.parse(ground.from ?? '') || 0,
        hasEnded: !stands(ground, at),
      })),
    );

/** Instants of FHIR are compared as text only where they are ours; a date that is partial is taken at its beginning. */
function stands({ from, to }: Ground, at: string): boolean {
  const atMs = Date.parse(at);
  return !(Date.parse(from ?? '') > atMs) && !(Date.parse(to ?? '') <= atMs);
}

/** A practice that is named by its national code is not another for being named by a local one too. */
function odsFirst(names: readonly string[]): readonly string[] {
  const national = names.filter((name) => name.startsWith(`${ODS_ORGANISATION}|`));
  return (national.length > 0 ? national : names).map((name) => name.toUpperCase());
}

const notification = compilePath(
  'extension:DeathNotificationStatus.extension:deathNotificationStatus.valueCodeableConcept.coding.code',
);

/** UKCore-DeathNotificationStatus: 1 informal, 2 formal, U removed. */
function deathOf(resource: NonNullable<Looked['resource']>): Partial<Facts> {
  const date = textAt(resource, 'deceasedDateTime');
  const codes = notification({ resource, version: { type: 'Patient' } as Looked['version'] });
  if ((date === undefined && resource.deceasedBoolean !== true) || codes.includes('U')) return {};
  return {
    death: ['died'],
    [codes.includes('1') ? 'informal-death' : 'formal-death']: ['died'],
    'death-date': date === undefined ? [] : [date.slice(0, 'yyyy-mm-dd'.length)],
  };
}

/** Addresses that say nothing of where somebody lives. */
const ELSEWHERE: ReadonlySet<unknown> = new Set(['temp', 'old', 'billing']);

/** Known by postcode and numbers, so that `12 High St` is `12 High Street`; without a postcode, by all its words. */
const addressesOf = (resource: NonNullable<Looked['resource']>): readonly string[] =>
  listAt(resource, 'address')
    .filter((address) => !ELSEWHERE.has(address.use) && textAt(address, 'period.end') === undefined)
    .flatMap((address) => {
      const written = [address.line, address.text, address.city].flat().filter((text) => typeof text === 'string');
      const postcode = textAt(address, 'postalCode')?.replaceAll(/\s/g, '').toUpperCase();
      const lines = [address.line ?? address.text].flat().join(' ');
      if (postcode !== undefined) return `${postcode} ${(lines.match(/\d+/g) ?? []).sort().join()}`;
      const words = written.join(' ').toLowerCase().replaceAll(/\W+/g, ' ').trim();
      return words === '' ? [] : words;
    });
