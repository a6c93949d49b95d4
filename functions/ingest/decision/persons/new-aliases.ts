import type { Subject } from '../../../../shared/record/identity.ts';
import { type Identifying, isOwnLocal, type KnownName, knownNames, type PatientWrite } from './known-persons.ts';
import type { AliasOf, LocalName } from './patient-lookup.ts';

/** A name that comes to stand for a person once the Patient is written. */
export interface NewAlias extends AliasOf {
  readonly name: Subject;
  /**
   * A number that arrives together with the first message without one leaves the name to that: the next message with the number
   * then finds whom the name stands for, and links the two.
   */
  readonly onlyNew: boolean;
}

/** What the names of a Patient come to stand for. */
export interface Naming {
  /** In whose record the Patient is kept. */
  readonly home: Subject;
  readonly about: Subject;
  readonly number?: Subject;
  /** The person of an NHS number that was taken back: names that led there lead there no more. */
  readonly leaving: Subject | undefined;
}

/**
 * The names that come to stand for the person. A patient number that leads to somebody else stays theirs: the doubt is not settled by
 * whoever comes last; the source's own id always leads to the person of the Patient that it names now.
 */
export function newAliases(context: Identifying, write: PatientWrite, naming: Naming): NewAlias[] {
  const { local } = write.names;
  const known = new Map(knownNames(context, write.names).map((one) => [one.key, one]));
  const named = local.find(({ kind }) => kind === 'own-id') ?? local[0];
  return local.flatMap((name): NewAlias[] => {
    const { key } = name;
    const stored = context.aliases.get(key);
    const own = aliasFor(context, write, naming, name, known.get(key));
    const alias = { ...own, ...keptElsewhere(stored, name === named ? [naming.home] : [], own.person) };
    const onlyNew = stored === undefined && naming.about === naming.number;
    return isSameAlias(stored, alias) ? [] : [{ name: key, ...alias, onlyNew }];
  });
}

function aliasFor(
  context: Identifying,
  write: PatientWrite,
  { about, leaving }: Naming,
  { kind }: LocalName,
  current: KnownName | undefined,
): AliasOf {
  const stays =
    current !== undefined &&
    current.person !== leaving &&
    (context.groups.of(about).includes(current.person) || kind === 'patient-number');
  const person = stays ? current.person : about;
  const left = leaving === undefined ? [] : [leaving];
  const formerly = [...new Set([...(current?.formerly ?? []), ...left])].filter((one) => one !== person).slice(-MOST_FORMER);
  const isNumbered = stays ? current.isNumbered === true : !isOwnLocal(context, write, person);
  return { person, ...(isNumbered ? { isNumbered } : {}), ...(formerly.length === 0 ? {} : { formerly }) };
}

/**
 * A Patient that came with its NHS number is kept in the record of that, though its other names lead to a local person: it has to be found
 * there when its number is corrected.
 */
function keptElsewhere(stored: AliasOf | undefined, homes: readonly Subject[], person: Subject): Pick<AliasOf, 'keptIn'> {
  const keptIn = [...new Set([...(stored?.keptIn ?? []), ...homes])].filter((one) => one !== person).slice(-MOST_FORMER);
  return keptIn.length === 0 ? {} : { keptIn };
}

const isSameAlias = (one: AliasOf | undefined, other: AliasOf): boolean =>
  one?.person === other.person &&
  one.isNumbered === other.isNumbered &&
  String(one.keptIn ?? '') === String(other.keptIn ?? '') &&
  String(one.formerly ?? '') === String(other.formerly ?? '');

/** Former persons that a name remembers. */
const MOST_FORMER = 5;
