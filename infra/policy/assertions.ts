import { ANYBODY, FACTS, type Fact, type Speaker } from '../../shared/access/assertions/speaker.ts';
import { ASSERTIONS } from '../../shared/access/assertions/table.ts';
import type { Asking } from './asking.ts';
import type { Table } from './tables.ts';

/** In which position somebody states something. */
const SPEAKERS: Readonly<Record<string, Partial<Speaker>>> = {
  'any organisation': {},
  'an organisation of whose relationship another told': { toldByOthers: ['encounter'] },
  'the registered practice, confirmed': { isPractice: true },
  'a source that traces NHS numbers': { traces: true },
  'the earlier practice, that ends it': { isEarlierPractice: true },
  'a second organisation, not as a copy': { corroborated: true },
  'nobody contests it in time': { uncontested: true },
  'the person, signed in': { kind: 'person' },
  'the records office of the lead': { kind: 'records-office' },
  'any organisation, contested': { contested: true },
};

/** Whose word takes effect, by fact: asked of the policies. */
export const wordTable = ({ asserts }: Asking): Table => [
  ['whose word', ...FACTS.map((fact) => ASSERTIONS[fact].title)],
  ...Object.entries(SPEAKERS).map(([who, speaker]) => [
    who,
    ...FACTS.map((fact) => (asserts(fact, { ...ANYBODY, ...speaker }) ? 'yes' : '')),
  ]),
];

/** What follows from each fact. */
export const assertionTable: Table = [
  ['what is stated', 'effect', 'until then', 'who hears', 'how it is undone'],
  ...FACTS.map((fact: Fact) => {
    const { title, effect, until, hears, undone } = ASSERTIONS[fact];
    return [title, effect, until, hears, undone];
  }),
];
