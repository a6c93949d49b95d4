import fc from 'fast-check';
import { TYPES } from './records.ts';

/** A request, made once the ids are known. */
export interface Request {
  readonly name: string;
  path(about: About): string | undefined;
  readonly headers?: Readonly<globalThis.Record<string, string>>;
}

/** Whom and what a request can be about. */
export interface About {
  /** The id by which the person is asked for. */
  readonly person: string;
  /** `Type/id` of every fragment, whether or not it may be seen. */
  readonly fragments: readonly string[];
}

const ofPerson = (path: string, headers?: Request['headers']): Request => ({
  name: path,
  path: ({ person }) => path.replaceAll('{person}', person),
  ...(headers === undefined ? {} : { headers }),
});

/** Asks about one fragment. @param suffix what follows its address */
const ofFragment = (suffix: string, place: number, headers?: Request['headers']): Request => ({
  name: `fragment ${place}${suffix}`,
  path: ({ fragments }) => {
    const address = fragments[place % fragments.length];
    return address && `${address}${suffix}`;
  },
  ...(headers === undefined ? {} : { headers }),
});

const SORTS = ['', '&_sort=-_lastUpdated', '&_sort=_id', '&_sort=-date', '&_sort=code'];
const PAGES = ['', '', '&_count=1', '&_count=2', '&_summary=count', '&_total=accurate', '&_count=0'];
const ALONG = [
  '',
  '',
  '&_include=*',
  '&_include=Condition:encounter&_include:iterate=*',
  '&_revinclude=*',
  '&_revinclude=Condition:encounter',
  '&_revinclude=Observation:derived-from',
];
const CONDITIONS = [
  '',
  '',
  '&code=44054006,57797005',
  '&code:not=44054006',
  '&_security=R',
  '&_security:not=R',
  '&_security:missing=true',
  '&encounter:Encounter.status=finished',
  '&encounter:Encounter.date=2019',
  '&derived-from:Observation.code=240589008',
  '&subject:Patient.birthdate=2019',
  '&_has:Observation:derived-from:code=57797005',
  '&_has:Condition:encounter:code=44054006',
  '&_lastUpdated=ge2020',
];

const search: fc.Arbitrary<Request> = fc
  .tuple(
    fc.constantFrom(...TYPES.filter((type) => type !== 'Patient')),
    fc.constantFrom(...CONDITIONS),
    fc.constantFrom(...SORTS),
    fc.constantFrom(...PAGES),
    fc.constantFrom(...ALONG),
    fc.boolean(),
  )
  .map(([type, condition, sort, page, along, compartment]) => {
    const rest = `${condition}${sort}${page}${along}`;
    return ofPerson(compartment ? `Patient/{person}/${type}?${rest.slice(1)}` : `${type}?patient={person}${rest}`);
  });

const searchPatient = fc
  .constantFrom('', '&_revinclude=*', '&_has:Condition:subject:code=57797005', '&birthdate=2019', '&_summary=count')
  .map((rest) => ofPerson(`Patient?_id={person}${rest}`));

const everything = fc
  .constantFrom('', '?_count=1', '?_count=3', '?_type=Patient,Condition', '?_since=2020-01-01T00:00:00Z', '?start=2024')
  .map((rest) => ofPerson(`Patient/{person}/$everything${rest}`));

/** The record as it was; contributions are a second apart, and the clock stands a day after the last. */
const asOf = fc.tuple(fc.nat(70), fc.constantFrom('', '&_count=2', '&_type=Observation,Patient')).map(([second, rest]) => {
  const instant = new Date(Date.parse('2026-11-23T00:00:00Z') + second * 1_000).toISOString();
  return ofPerson(`Patient/{person}/$everything?_at=${instant}${rest}`);
});

const byNumber = fc.nat(20).map((number) => ofPerson(`Patient/{person}/$everything?_at=${number}`));

const person = fc.constantFrom(
  ofPerson('Patient/{person}'),
  ofPerson('Patient/{person}', { 'if-none-match': '*' }),
  ofPerson('Patient/{person}/_history'),
  ofPerson('Patient/{person}/_history?_count=1'),
  ofPerson('Patient/{person}?_elements=name'),
);

const one = fc
  .tuple(
    fc.constantFrom('', '', '/_history', '/_history', '/_history?_count=1', '/_history/1', '/_history/2', '/_history/3'),
    fc.nat(8),
    fc.boolean(),
  )
  .map(([suffix, place, conditional]) => ofFragment(suffix, place, conditional ? { 'if-none-match': 'W/"1"' } : undefined));

/** Every door, each time in other ways. */
export const requests: fc.Arbitrary<readonly Request[]> = fc.array(
  fc.oneof({ arbitrary: search, weight: 5 }, searchPatient, everything, asOf, byNumber, person, { arbitrary: one, weight: 3 }),
  { minLength: 4, maxLength: 10 },
);
