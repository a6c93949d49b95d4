import type { Directory } from '../directory/directory.ts';
import type { Fold, Fragment, PersonRecord } from '../record/fold.ts';
import { classesOf, classKey, type FragmentClass, type Relationship, relationshipsOf } from './facts.ts';
import type { Grant } from './grants.ts';
import type { PolicyDecision, PolicySet } from './policy-set.ts';
import type { Viewer } from './viewer.ts';

/** What one viewer sees of one record. */
export interface View {
  /** False when nothing of the record may be seen: the answer is then the same as for a person who is not known. */
  readonly permitted: boolean;
  /** What may be seen, as it may be seen, retracted fragments included (they answer 410, and have a history). In the order of the record. */
  readonly fragments: readonly Fragment[];
  /** How many fragments were shown and withheld, by class, as access notes it. */
  readonly shown: Readonly<Record<string, number>>;
  readonly withheld: Readonly<Record<string, number>>;
  /** Whether one fragment (any version of it) may be seen: one whose class now or then is withheld may not. */
  sees(fragment: Fragment): boolean;
  /** A fragment (any version of it) as it may be seen: itself, a copy without what is to be left out, or nothing. */
  show(fragment: Fragment): Fragment | undefined;
  /** What was decided of each class, as access notes it: with it the view can be made again (`recallView`). */
  readonly decisions: Readonly<Record<string, ClassDecision>>;
  /** Why the viewer may look: kinds of relationships, and the ids of grants that were used. For the audit. */
  readonly relationships: readonly string[];
  /** Whether something is left out of what is shown: then no copy that the viewer has may be called current. */
  readonly redacts: boolean;
  /** Whether it may be said that some information is withheld: only where saying so reveals nothing of this record. */
  readonly saysWithheld: boolean;
}

/** What became of a class of fragments. */
export type ClassDecision = 'shown' | 'redacted' | 'withheld';

/** Decides who may see what. */
export interface Access {
  /** The version of the policies that decide. */
  readonly policyVersion: string;
  /**
   * What a viewer sees of a record at an instant.
   * @param grants of this viewer and this person (mergers followed); those that do not stand at the instant count for nothing.
   */
  view(viewer: Viewer, record: PersonRecord, at: string, grants?: readonly Grant[]): View;
  /** Whether a viewer may look up what an organisation tells of itself. */
  mayLookUp(viewer: Viewer, source: string, at: string): boolean;
  /** Every organisation that may hear of a fragment of a record at an instant, sorted. */
  audience(record: PersonRecord, fragment: Fragment, at: string): readonly string[];
}

/** Decisions depend on facts alone, so they are remembered; the bound keeps a long-lived instance small. */
const MAX_DECISIONS = 20_000;

/** @param policies parsed once at cold start; @param directory who the organisations are and whom they merged into. */
export function createAccess(policies: PolicySet, directory: Directory): Access {
  const decisions = new Map<string, PolicyDecision>();
  const views = new WeakMap<Fold, Map<string, { record: PersonRecord; day: string; view: View }>>();

  const decide = (organisation: string, relationships: readonly Relationship[], fragments: ClassFacts, at: string) => {
    const source = directory.current(fragments.source, at)?.id ?? fragments.source;
    const key = `${organisation}\n${relationships.join()}\n${source}\n${fragments.key}`;
    let decision = decisions.get(key);
    if (decision === undefined) {
      if (decisions.size >= MAX_DECISIONS) decisions.clear();
      decision = policies.ask(seeRequest(organisation, relationships, { ...fragments, source }, directory));
      decisions.set(key, decision);
    }
    return decision.allowed;
  };

  const look = (organisation: string, record: PersonRecord, at: string): View => {
    const relationships = relationshipsOf(record, directory, at).get(organisation) ?? [];
    const allowed = (fragments: ClassFacts) => decide(organisation, relationships, fragments, at);
    return buildView(record, relationships, allowed);
  };

  return {
    policyVersion: policies.version,

    view: ({ organisation: caller }, record, at) => {
      const organisation = directory.current(caller, at)?.id ?? caller;
      const survivor = record.folds[0]!;
      const day = at.slice(0, 10);
      let known = views.get(survivor);
      if (known === undefined) {
        known = new Map();
        views.set(survivor, known);
      }
      const remembered = known.get(organisation);
      if (remembered?.day === day && sameFolds(remembered.record, record)) return remembered.view;
      const view = look(organisation, record, at);
      known.set(organisation, { record, day, view });
      return view;
    },

    mayLookUp: ({ organisation: caller }, source, at) => {
      const organisation = directory.current(caller, at)?.id ?? caller;
      const key = `${organisation}\nlook-up\n${source}`;
      let decision = decisions.get(key);
      if (decision === undefined) {
        const owner = directory.current(source, at)?.id ?? source;
        decision = policies.ask(lookUpRequest(organisation, owner, directory));
        decisions.set(key, decision);
      }
      return decision.allowed;
    },

    audience: (record, fragment, at) => {
      const facts = { key: classKey(fragment), section: fragment.section, source: fragment.owner, labels: fragment.labels };
      const heard: string[] = [];
      for (const [organisation, relationships] of relationshipsOf(record, directory, at)) {
        if (decide(organisation, relationships, facts, at)) heard.push(organisation);
      }
      return heard.sort();
    },
  };
}

type ClassFacts = Omit<FragmentClass, 'fragments'>;

function buildView(
  record: PersonRecord,
  relationships: readonly Relationship[],
  allowed: (fragments: ClassFacts) => boolean,
): View {
  const decisions: Record<string, ClassDecision> = {};
  const shown: Record<string, number> = {};
  const withheld: Record<string, number> = {};
  const visible = new Set<Fragment>();
  for (const fold of record.folds) {
    for (const fragments of classesOf(fold)) {
      const counts = allowed(fragments) ? shown : withheld;
      decisions[fragments.key] = counts === shown ? 'shown' : 'withheld';
      counts[fragments.key] = (counts[fragments.key] ?? 0) + fragments.fragments.length;
      if (counts === shown) for (const fragment of fragments.fragments) visible.add(fragment);
    }
  }
  const current = new Map(record.folds.map((fold) => [fold.subject, fold]));
  const sees = (fragment: Fragment): boolean => {
    const now = current.get(fragment.subject)?.fragments.get(fragment.fragmentId);
    if (now !== undefined && !visible.has(now)) return false;
    return allowed({ key: classKey(fragment), section: fragment.section, source: fragment.owner, labels: fragment.labels });
  };
  return {
    permitted: visible.size > 0,
    fragments: record.folds.flatMap((fold) => [...fold.fragments.values()].filter((fragment) => visible.has(fragment))),
    shown,
    withheld,
    sees,
    show: (fragment) => (sees(fragment) ? fragment : undefined),
    decisions,
    relationships,
    redacts: false,
    saysWithheld: false,
  };
}

const sameFolds = (one: PersonRecord, other: PersonRecord): boolean =>
  one.folds.length === other.folds.length && one.folds.every((fold, index) => fold === other.folds[index]);

const organisationUid = (id: string) => ({ type: 'Chesil::Organisation', id });

const organisationEntity = (id: string, directory: Directory) => ({
  uid: organisationUid(id),
  attrs: { kind: directory.byId(id)?.kind ?? 'other' },
  parents: [],
});

function seeRequest(
  organisation: string,
  relationships: readonly Relationship[],
  { key, section, source, labels }: ClassFacts,
  directory: Directory,
) {
  const resource = { type: 'Chesil::FragmentClass', id: key };
  const attrs = { section, source: { __entity: organisationUid(source) }, labels: [...labels] };
  return {
    principal: organisationUid(organisation),
    action: 'see',
    resource,
    context: { purpose: 'direct-care', relationships: [...relationships] },
    entities: distinct([
      organisationEntity(organisation, directory),
      organisationEntity(source, directory),
      { uid: resource, attrs, parents: [] },
    ]),
  };
}

function lookUpRequest(organisation: string, source: string, directory: Directory) {
  const resource = { type: 'Chesil::DirectoryFragment', id: source };
  const attrs = { source: { __entity: organisationUid(source) } };
  return {
    principal: organisationUid(organisation),
    action: 'look-up',
    resource,
    context: {},
    entities: distinct([
      organisationEntity(organisation, directory),
      organisationEntity(source, directory),
      { uid: resource, attrs, parents: [] },
    ]),
  };
}

/** Cedar refuses an entity that is given twice: a source that asks for what is its own. */
const distinct = <T extends { uid: { type: string; id: string } }>(entities: readonly T[]): T[] => [
  ...new Map(entities.map((entity) => [`${entity.uid.type}::${entity.uid.id}`, entity])).values(),
];
