import type { Particulars } from '../../shared/access/review/look.ts';
import type { PersonRecord } from '../../shared/record/fold.ts';
import type { ReviewDependencies } from './context.ts';

/** Records read at a time. */
const AT_ONCE = 8;

/** Somebody of whom a record is kept. */
export interface KnownPerson {
  /** Every id that their record is kept under: privacy officers have entered one of them, looks are noted under the one that survives. */
  readonly ids: ReadonlySet<string>;
  readonly particulars: Particulars;
}

/** What is known of persons that rules compare. Read for that alone: nothing of it is kept or told. */
export async function readPersons(
  { store }: ReviewDependencies,
  persons: readonly string[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const left = [...new Set(persons)];
  const found = new Map<string, KnownPerson>();
  const worker = async () => {
    for (let person = left.pop(); person !== undefined; person = left.pop()) {
      const record = await store.person(person);
      const ids = new Set([person, ...record.folds.map(({ subject }) => subject)]);
      found.set(person, { ids, particulars: particularsOf(record) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

function particularsOf({ folds }: PersonRecord): Particulars {
  const patients = folds.flatMap(({ fragments }) =>
    [...fragments.values()].flatMap(({ type, body }) =>
      type === 'Patient' && body !== undefined ? [JSON.parse(body) as fhir4.Patient] : [],
    ),
  );
  const names = patients.flatMap(({ name = [] }) => name);
  return {
    families: names.flatMap(({ family }) => family ?? []),
    names: names.flatMap(({ given = [], family }) =>
      family === undefined || given[0] === undefined ? [] : [`${given[0]} ${family}`],
    ),
    homes: patients.flatMap(({ address = [] }) => address).flatMap(homeOf),
  };
}

/** First line and postcode; a postcode alone is a street. */
const homeOf = ({ line = [], postalCode }: fhir4.Address): string[] =>
  line[0] === undefined || postalCode === undefined ? [] : [`${line[0]} ${postalCode.replaceAll(' ', '')}`];
