import { describe, expect, it } from 'vitest';
import type { Action, Told } from '../../../shared/access/access.ts';
import { FACTS, type Fact, type Speaker } from '../../../shared/access/assertions/speaker.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { policiesIn } from '../../../shared/access/policy-set.ts';
import { RELATIONSHIPS, type Relationship } from '../../../shared/access/relationships.ts';
import type { Role } from '../../../shared/access/roles.ts';
import type { Purpose, Viewer } from '../../../shared/access/viewer.ts';
import type { Ground, GroundKind } from '../../../shared/record/contribution.ts';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import { type Cell, cellsOf } from './decisions/reading-tables.ts';
import { MARKED } from './marked.ts';
import {
  type Asked,
  checkedDecider,
  codeOf,
  fragment,
  giving,
  grantOf,
  listeningAccess,
  NOW,
  recordOf,
  SOMEBODY_ELSE,
  texts,
  viewerIn,
} from './people.ts';

/** Walks the tables of `decisions/`, which say what is meant, cell by cell: what is decided, and by which rules. */

interface Case {
  readonly viewer: Viewer;
  readonly record: PersonRecord;
  readonly grants?: readonly Grant[];
  /** The fragment that is asked about. */
  readonly about: Fragment;
}

/** Which rules decided about a fragment, by a view of the record; checked against what the view then shows. */
function rulesOf({ viewer, record, grants = [], about }: Case, action: 'see' | 'see-whereabouts' = 'see'): readonly string[] {
  const { access, asked } = listeningAccess();
  const view = access.view(viewer, record, NOW, grants);
  const key = view.classOf(about);
  const decisive = asked.filter(({ request }) => request.action === action && isAbout(request, about, key));
  if (action === 'see') expect(view.decisions[key] !== 'withheld').toBe(decisive[0]?.decision.allowed ?? false);
  else expect(view.decisions[key]).toBe(decisive[0]!.decision.allowed ? 'shown' : 'redacted');
  return [...(decisive[0]?.decision.policies ?? [])].sort();
}

function isAbout({ resource, entities }: Asked['request'], { section }: Fragment, key: string): boolean {
  const attrs = (entities as { uid: { id: string }; attrs: { markings?: string[] } }[]).find(
    ({ uid }) => uid.id === resource.id,
  )?.attrs;
  return resource.id === section && key.split(' ').slice(2).join() === attrs?.markings?.join();
}

/** What stands between the viewer's organisation and the person. */
function reasons(viewer: Viewer, column: string): { fragments: Fragment[]; grants: Grant[]; viewer: Viewer } {
  const none = { fragments: [], grants: [], viewer };
  if (column === 'none') return none;
  if (column === 'claimed' || column === 'break-glass') return { ...none, grants: [grantOf(viewer, column)] };
  if (column === 'contributor') return { ...none, fragments: [fragment(viewer.organisation, { section: 'administration' })] };
  if (column === 'confirmed-practice') return { ...none, fragments: confirmedPractice(viewer.organisation) };
  if (column.startsWith('own-')) return { ...none, fragments: ownReason(viewer.organisation, column.slice('own-'.length)) };
  const service = column === 'emergency-call' ? { ...viewer, organisation: 'service' } : viewer;
  const kind: GroundKind = column === 'emergency-call' ? 'encounter' : (column as GroundKind);
  const names = [codeOf(service.organisation)];
  return { ...none, viewer: service, fragments: [giving('third', kind, { from: '2026-11-18', names })] };
}

/** A source that traces NHS numbers says that it is the registered practice. */
const confirmedPractice = (organisation: string): Fragment[] => [
  giving('pds', 'registered-practice', { names: [codeOf(organisation)] }, { source: 'pds' }),
];

/** What an organisation tells of itself alone; a stay is an encounter too. */
const ownReason = (organisation: string, kind: string): Fragment[] =>
  (kind === 'stay' ? ['encounter', 'stay'] : [kind]).map((each) =>
    giving(organisation, each as GroundKind, { from: '2026-11-18' }),
  );

/** The viewer with the person in their organisation now; people with their own record, or that of whom they act for. */
function atWork(role: Role): { viewer: Viewer; fragments: Fragment[] } {
  if (role === 'person') return { viewer: viewerIn(role), fragments: [] };
  if (role === 'proxy') return { viewer: viewerIn(role), fragments: [actingFor({}), caring] };
  return reasons(viewerIn(role), role === 'paramedic' ? 'emergency-call' : 'encounter');
}

/** The word of an organisation that cares for the person, as another one tells, makes a proxy. */
const caring = giving('third', 'caseload', { from: '2026-01-01', names: [codeOf('elsewhere')] });

const actingFor = (told: Partial<Ground>) =>
  giving('elsewhere', 'proxy', { names: [SOMEBODY_ELSE], from: '2026-01-01', ...told });

const each = (page: string) => cellsOf(page).map((cell) => [`${cell.heading}: ${cell.row}, ${cell.column}`, cell] as const);

describe('who sees which section', () => {
  it.each(each('sections.md'))('%s', (_, { row: section, column, rules }) => {
    const { viewer, fragments } = atWork(column as Role);
    const about = fragment('elsewhere', { section });
    const others = fragments.map((one) => ({ ...one, section: section === 'administration' ? 'audit' : one.section }));
    expect(rulesOf({ viewer, record: recordOf(about, ...others), about })).toEqual(rules);
  });
});

describe('which relationship opens a record', () => {
  it.each(each('relationships.md'))('%s', (_, { row, column, rules }) => {
    const { viewer, fragments, grants } = reasons(viewerIn(row as Role), column);
    const about = fragment('elsewhere', { section: 'demographics' });
    expect(rulesOf({ viewer, record: recordOf(about, ...fragments), grants, about })).toEqual(rules);
  });
});

describe('a purpose', () => {
  it.each(each('purposes.md'))('%s', (_, { row, column, rules }) => {
    const { viewer, fragments } = reasons(
      viewerIn(row as Role, { purpose: column as Purpose, organisation: 'ours' }),
      'encounter',
    );
    const about = fragment('elsewhere', { section: 'demographics' });
    expect(rulesOf({ viewer, record: recordOf(about, ...fragments), about })).toEqual(rules);
  });
});

/** A marked fragment in a record in which, where it is sealed, somebody says so. */
function marked(owner: string, marking: string, section: string): { about: Fragment; beside: Fragment[] } {
  const about = fragment(owner, { section, ...MARKED[marking] });
  const beside = marking === 'sealed' ? [giving('elsewhere', 'sealed', { names: [about.fragmentId] })] : [];
  return { about, beside };
}

describe('what is sensitive', () => {
  it.each(each('markings.md'))('%s', (_, { heading, row, column, rules }) => {
    const { viewer, fragments } = atWork(row as Role);
    const { about, beside } = marked(heading === 'source' ? viewer.organisation : 'elsewhere', column, 'medications');
    const practice =
      heading === 'claimed'
        ? [giving('third', 'registered-practice', { names: [codeOf(viewer.organisation)] })]
        : heading === 'confirmed'
          ? confirmedPractice(viewer.organisation)
          : [];
    const grants = heading === 'broken glass' ? [grantOf(viewer, 'break-glass')] : [];
    expect(rulesOf({ viewer, record: recordOf(about, ...beside, ...fragments, ...practice), grants, about })).toEqual(rules);
  });

  it.each(each('safeguarding.md'))('%s', (_, { heading, row, column, rules }) => {
    const [role, purpose] = row.split(' ') as [Role, Purpose];
    const { viewer, fragments, grants } = reasons(
      viewerIn(role, { purpose }),
      column === 'broken glass' ? 'break-glass' : column,
    );
    const about = fragment(heading === 'own safeguarding' ? viewer.organisation : 'elsewhere', { section: 'safeguarding' });
    expect(rulesOf({ viewer, record: recordOf(about, ...fragments), grants, about })).toEqual(rules);
  });
});

/** What the record says of its person. */
const SAID: Readonly<Record<string, GroundKind>> = {
  'opted-out': 'opt-out',
  deceased: 'deceased',
  'restricted-person': 'restricted',
  'where the restricted are': 'restricted',
};
/** Two organisations say so: one of them is not enough where a death closes access. */
const saidOf = (what: string): Fragment[] =>
  what in SAID ? ['elsewhere', 'third'].map((owner) => giving(owner, SAID[what]!, {}, { hash: owner })) : [];

describe('people', () => {
  it.each(each('people.md'))('%s', (_, { row, column, rules }) => {
    const { about, beside } = marked('elsewhere', row, 'problems');
    const viewer = viewerIn(column === 'own' ? 'person' : 'proxy');
    const acting = { 'acts for': [actingFor({}), caring], 'acted for': [actingFor({ to: '2026-11-19' }), caring] }[column] ?? [];
    expect(rulesOf({ viewer, record: recordOf(about, ...beside, ...saidOf(row), ...acting), about })).toEqual(rules);
  });
});

describe('a person who', () => {
  it.each(each('persons.md'))('%s', (_, { heading, row, column, rules }) => {
    const { viewer, fragments } = atWork(row as Role);
    const about = fragment(column === 'source' ? viewer.organisation : 'elsewhere', { section: 'demographics' });
    const grants = column === 'broken glass' ? [grantOf(viewer, 'break-glass')] : [];
    const action = heading === 'where the restricted are' ? 'see-whereabouts' : 'see';
    expect(rulesOf({ viewer, record: recordOf(about, ...saidOf(heading), ...fragments), grants, about }, action)).toEqual(rules);
  });
});

describe('what somebody may do', () => {
  const about = (column: string, viewer: Viewer) => ({
    at: NOW,
    organisation: column === 'own' || column === 'by the viewer' ? 'ours' : 'elsewhere',
    persons: [column === 'about the viewer' ? (viewer.person ?? SOMEBODY_ELSE) : 'c'.repeat(26)],
    staff: column === 'by the viewer' ? viewer.staff : 'provider|another',
    lead: column === 'oversees' ? 'ours' : 'council',
  });

  it.each(each('deeds.md'))('%s', (_, { heading, row, column, rules }: Cell) => {
    const { access, asked } = listeningAccess();
    const viewer = viewerIn(row as Role);
    const allowed =
      heading === 'look-up'
        ? access.mayLookUp(viewer, column === 'own' ? 'ours' : 'elsewhere', NOW)
        : access.may(viewer, (heading === 'asking' ? column : heading) as Action, about(column, viewer));
    expect([allowed, [...(asked[0]?.decision.policies ?? [])].sort()]).toEqual([rules.length > 0, rules]);
  });
});

/** What is known of somebody who states something, by the words of the table. */
const SPEAKERS: Readonly<Record<string, Partial<Speaker>>> = {
  traces: { traces: true },
  'names itself': { aboutItself: true },
  'confirmed practice': { isPractice: true },
  'earlier practice': { isEarlierPractice: true },
  corroborated: { corroborated: true },
  'nobody objects': { uncontested: true },
  contested: { contested: true },
  person: { kind: 'person' },
  'records office': { kind: 'records-office' },
  ...Object.fromEntries(
    Object.keys(RELATIONSHIPS).map((name) => [`told by others: ${name}`, { toldByOthers: [name as Relationship] }]),
  ),
};

/** All that the words of a row say. */
const speakerIn = (row: string): Partial<Speaker> =>
  Object.assign(
    {},
    ...Object.keys(SPEAKERS)
      .filter((words) => row.includes(words))
      .map((words) => SPEAKERS[words]),
  );

describe('whose word takes effect', () => {
  it.each(each('assertions.md'))('%s', (_, { row, column, rules }) => {
    const decision = checkedDecider.asserts(column as Fact, speakerIn(row));
    expect([decision.allowed, [...decision.policies].sort()]).toEqual([rules.length > 0 && !rules.includes('contested'), rules]);
  });

  it('is walked in more than eighty cases, of every fact', () => {
    const cells = cellsOf('assertions.md');
    expect(cells.length).toBeGreaterThan(80);
    expect([...new Set(cells.map(({ column }) => column))]).toEqual(FACTS);
  });
});

/** Which rule was asked last whether a system of `ours` hears. */
function rulesOfHearing(column: string, record: readonly Fragment[], told: Told): readonly string[] {
  const { access, asked } = listeningAccess();
  const stays = column === 'cares' ? [giving('third', 'encounter', { from: '2026-11-18', names: [codeOf('ours')] })] : [];
  const heard = access.hears('ours', recordOf(...record, ...stays), { ...told, formerly: column !== 'cares' }, NOW);
  expect(heard).toBe(asked.at(-1)!.decision.allowed);
  return [...asked.at(-1)!.decision.policies].sort();
}

describe('who hears of a change', () => {
  it.each(each('hearing.md'))('%s', (_, { heading, row, column, rules }) => {
    const owner = column === 'source' ? 'ours' : 'elsewhere';
    const section = row === 'safeguarding' ? row : 'problems';
    const { about, beside } = marked(owner, row, section);
    const person = heading === 'who contributed it' ? 'restricted-person' : row;
    const told: Told = {
      formerly: false,
      ...(heading === 'that it closed' ? { closes: true } : { fragment: about }),
      ...(heading === 'who contributed it' ? { contributor: owner } : {}),
    };
    expect(rulesOfHearing(column, [about, ...beside, ...saidOf(person)], told)).toEqual(rules);
  });
});

it('is walked in more than three hundred cases, and every rule decides some of them', () => {
  const pages = [
    'sections',
    'relationships',
    'purposes',
    'markings',
    'safeguarding',
    'people',
    'persons',
    'deeds',
    'hearing',
    'assertions',
  ];
  const cells = pages.flatMap((page) => cellsOf(`${page}.md`));
  expect(cells.length).toBeGreaterThan(300);
  expect([...new Set(cells.flatMap(({ rules }) => rules))].sort()).toEqual(
    policiesIn(texts)
      .map(({ id }) => id)
      .sort(),
  );
});
