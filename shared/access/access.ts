import { runAtOnce, type Steps } from '../concurrency/steps.ts';
import type { Directory } from '../directory/directory.ts';
import type { Sources } from '../directory/sources.ts';
import type { Fold, Fragment, PersonRecord } from '../record/fold.ts';
import type { Words } from './assertions/effects.ts';
import type { Fact, Speaker } from './assertions/speaker.ts';
import { statementsOf } from './assertions/statements.ts';
import { circumstancesKey, createDecider } from './deciding/decider.ts';
import { seesWhatever } from './deciding/everything.ts';
import { hearsOf, type Told } from './deciding/hearing.ts';
import { type AsKnownTo, createAsKnownTo } from './deciding/known-versions.ts';
import type { Redacting } from './deciding/redacting.ts';
import type { DeedAction, PersonAction, SeenClass } from './deciding/requests.ts';
import {
  grantsStanding,
  type Position,
  positionOf,
  type RecordFacts,
  type Standing,
  standingViewer,
} from './deciding/standing.ts';
import { viewOf } from './deciding/viewing.ts';
import { type ClassFacts, classOf } from './facts/classes.ts';
import { personFactsAt, sealedAt } from './facts/person.ts';
import { NOTHING_STANDS, standingAt, standingKey } from './facts/person-standing.ts';
import { practicesAt, registrationsOf } from './facts/registrations.ts';
import { relate, toldOf } from './facts/related.ts';
import type { Grant } from './grants.ts';
import type { PolicySet } from './policy-set.ts';
import type { ClassDecision, View } from './view.ts';
import { systemViewer, type Viewer } from './viewer.ts';

export type { Told } from './deciding/hearing.ts';
export type { ClassDecision, View } from './view.ts';

/** What somebody may be allowed to do, beside looking. */
export type Action = PersonAction | DeedAction;

/** What something is about that somebody wants to do: of a deed to be read, replayed or reviewed. */
export interface About {
  /** ISO 8601 instant at which mergers of organisations are followed; without it they are taken as they are named. */
  readonly at?: string;
  /** For whom the deed was done; the viewer's own organisation where it is not said. */
  readonly organisation?: string;
  /** Who did it, as `Viewer.staff`. */
  readonly staff?: string;
  /** Whose record it was about: every id that the person has. */
  readonly persons?: readonly string[];
  /** The organisation that oversees all others. */
  readonly lead?: string;
}

/** Decides who may see what. */
export interface Access {
  /** The version of the policies that decide. */
  readonly policyVersion: string;
  /**
   * What a viewer sees of a record at an instant.
   * @param grants of this viewer and this person (mergers followed); those that do not stand at the instant count for nothing.
   */
  view(viewer: Viewer, record: PersonRecord, at: string, grants?: readonly Grant[]): View;
  /** The same in steps: a record may have tens of thousands of fragments. */
  viewInSteps(viewer: Viewer, record: PersonRecord, at: string, grants?: readonly Grant[]): Steps<View>;
  /**
   * A view made again from what was noted of it, with no policy asked: `AuditEvent/{id}/$replay` shows by it what was shown then, whatever the policies say now.
   * @param viewer who looked then; @param record as it stood then; @param at the instant of the look
   * @param saysWithheld whether it was said then that some information is withheld
   */
  recallView(viewer: Viewer, record: PersonRecord, decisions: View['decisions'], at: string, saysWithheld?: boolean): View;
  /** The same in steps. */
  recallInSteps(
    viewer: Viewer,
    record: PersonRecord,
    decisions: View['decisions'],
    at: string,
    saysWithheld?: boolean,
  ): Steps<View>;
  readonly asKnownTo: AsKnownTo;
  /** Whether a viewer may do something. */
  may(viewer: Viewer, action: Action, about?: About): boolean;
  /** Whether a viewer may look up what an organisation tells of itself. */
  mayLookUp(viewer: Viewer, source: string, at: string): boolean;
  /** Every organisation that may hear of a fragment of a record at an instant, sorted; without one, that may hear of any fragment of it. */
  audience(record: PersonRecord, fragment: Fragment | undefined, at: string): readonly string[];
  /** Whether an organisation, mergers followed, may be told that something happened, by what the record is at an instant. */
  hears(organisation: string, record: PersonRecord, told: Told, at: string): boolean;
  /** Practices with which the person is, or until lately was, registered: ids, and codes of those that take no part. Sorted. */
  practices(record: PersonRecord, at: string): readonly string[];
  /** Whether nobody may learn from a record where its person is, at an instant. */
  isRestricted(record: PersonRecord, at: string): boolean;
}

/** What is remembered of a record on one day. */
interface Known extends RecordFacts {
  readonly day: string;
  readonly views: Map<string, View>;
  redact?: (fragment: Fragment) => Fragment;
  /** Who may hear of each class at the instant that was last asked about. */
  audience: { readonly at: string; readonly byClass: Map<string, readonly string[]> };
}

/** Views kept of one record: of a person whom many look at, those of the roles and relationships that they look in. */
const MAX_VIEWS = 20;

/** Who takes part, and on what terms. */
export interface Partnership {
  /** Who the organisations are, and whom they merged into. */
  readonly directory: Directory;
  /** Their systems. */
  readonly sources: Sources;
  /** Days after which a claim to be the registered practice that nobody contests is settled. */
  readonly uncontestedDays: number;
}

/**
 * @param policies parsed once at cold start
 * @param redacting makes the copies in which something is left out; without it a view says what may be seen, and shows none of what is to be redacted
 */
export function createAccess(
  policies: PolicySet,
  { directory, sources, uncontestedDays }: Partnership,
  redacting?: Redacting,
): Access {
  const decider = createDecider(policies);
  const asserts = (fact: Fact, speaker: Partial<Speaker>): boolean => decider.asserts(fact, speaker).allowed;
  const terms = { asserts, uncontestedDays };
  const known = new WeakMap<Fold, Known>();

  /** The facts of a record, which change with its folds alone; mergers of organisations are followed by the day. */
  const factsInSteps = function* (record: PersonRecord, at: string): Steps<Known> {
    const day = at.slice(0, 10);
    const survivor = record.folds[0]!;
    const remembered = known.get(survivor);
    if (remembered?.day === day && sameFolds(remembered.record, record)) return remembered;
    const registrations = registrationsOf(record, { directory, sources, at }, terms);
    const related = yield* relate(record, registrations, directory, at);
    const facts = { record, registrations, related, statements: statementsOf(record) };
    const fresh: Known = { ...facts, day, views: new Map(), audience: { at, byClass: new Map() } };
    known.set(survivor, fresh);
    return fresh;
  };
  const factsOf = (record: PersonRecord, at: string): Known => runAtOnce(factsInSteps(record, at));

  const decideFor = (position: Position, at: string) => {
    const ask = decider.inCircumstances(position);
    return (fragments: ClassFacts): ClassDecision => {
      const seen = seenClass(fragments, position.organisation, directory, at);
      if (!ask('see', seen).allowed) return 'withheld';
      return !position.person.restricted || ask('see-whereabouts', seen).allowed ? 'shown' : 'redacted';
    };
  };

  /** What is to be left out is found out once it is needed: few persons are restricted. */
  const redactFor = (facts: Known) => (fragment: Fragment) => {
    facts.redact ??= redacting?.redact(facts.record, practicesOf(facts, directory));
    return facts.redact?.(fragment);
  };

  const leavingOut = redacting === undefined ? {} : { unlink: redacting.unlink, withoutContacts: redacting.withoutContacts };

  const wordsAt = ({ related }: RecordFacts, at: string): Words => ({
    atMs: Date.parse(at),
    asserts,
    toldOf: (organisation) => toldOf(related, organisation, Date.parse(at)),
    current: (organisation) => directory.current(organisation, at)?.id,
  });

  const asKnownTo = createAsKnownTo(directory, redacting?.withOpaqueVersion);

  const hears = (organisation: string, facts: RecordFacts, told: Told, at: string): boolean => {
    const viewer = systemViewer(organisation);
    const standing = standingViewer(viewer, directory, at);
    if (standing === undefined) return false;
    const position = positionOf(viewer, standing, facts, [], wordsAt(facts, at));
    return hearsOf(told, { position, facts, decider, directory, at });
  };

  /** A grant counts for as long as the role in which it was taken may take one. */
  const counts = (standing: Standing) => (grant: Grant) => decider.aboutPerson(ACTION_OF_GRANT[grant.kind], standing).allowed;

  const viewInSteps: Access['viewInSteps'] = function* (viewer, record, at, grants = []) {
    const standing = standingViewer(viewer, directory, at);
    if (standing === undefined || record.folds.length === 0) return yield* viewOf(record, NOTHING);
    const facts = yield* factsInSteps(record, at);
    const atMs = Date.parse(at);
    const own = grantsStanding(grants, viewer, standing, record, directory, at).filter(counts(standing));
    const position = positionOf(viewer, standing, facts, own, wordsAt(facts, at));
    const sealed = sealedAt(facts.statements, atMs);
    const stands = standingAt(facts.registrations, facts.statements, wordsAt(facts, at));
    const key = `${viewKey(position, sealed)}\n${standingKey(stands)}`;
    const known = facts.views.get(key);
    if (known !== undefined) return known;
    const decide = decideFor(position, at);
    const relationships = [...position.relationships, ...position.grantIds];
    const saysWithheld = decider.aboutPerson('hear-of-withholding', position).allowed;
    const copies = { asKnown: asKnownTo(viewer, at), redact: redactFor(facts), ...leavingOut };
    const seesEverything = () => seesWhatever(position, decider);
    const told = { relationships, saysWithheld, stands, seesEverything };
    const view = yield* viewOf(record, { sealed, decide, ...copies, ...told });
    // What callers remember of a view, they remember by the object: of two made at once, one stays.
    const madeMeanwhile = facts.views.get(key);
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    if (facts.views.size >= MAX_VIEWS) facts.views.clear();
    facts.views.set(key, view);
    return view;
  };

  const recallInSteps: Access['recallInSteps'] = function* (viewer, record, decisions, at, saysWithheld = false) {
    if (record.folds.length === 0) return yield* viewOf(record, { ...NOTHING, saysWithheld });
    const facts = yield* factsInSteps(record, at);
    const sealed = sealedAt(facts.statements, Date.parse(at));
    // Of contacts in Patients is noted only that they were withheld.
    const decide = ({ key, section }: ClassFacts) => decisions[key] ?? (section === 'contacts' ? 'shown' : 'withheld');
    const copies = { asKnown: asKnownTo(viewer, at), redact: redactFor(facts), ...leavingOut };
    const stands = standingAt(facts.registrations, facts.statements, wordsAt(facts, at));
    const told = { relationships: [], saysWithheld, stands, seesEverything: () => false };
    return yield* viewOf(record, { sealed, decide, ...copies, ...told });
  };

  return {
    policyVersion: policies.version,

    view: (viewer, record, at, grants) => runAtOnce(viewInSteps(viewer, record, at, grants)),
    viewInSteps,
    recallView: (...asked) => runAtOnce(recallInSteps(...asked)),
    recallInSteps,

    asKnownTo,

    may: (viewer, action, about = {}) => {
      const standing = standingViewer(viewer, directory, about.at);
      if (standing === undefined) return false;
      if (action === 'read-audit' || action === 'replay' || action === 'review' || action === 'resolve')
        return decider.aboutDeed(action, standing, deedFacts(viewer, standing, about, directory)).allowed;
      return decider.aboutPerson(action, standing).allowed;
    },

    mayLookUp: (viewer, source, at) => {
      const standing = standingViewer(viewer, directory, at);
      if (standing === undefined) return false;
      const owner = directory.current(source, at)?.id;
      return decider.lookUp(standing, owner === standing.organisation).allowed;
    },

    audience: (record, fragment, at) => {
      const facts = factsOf(record, at);
      const key = fragment === undefined ? ANY : classOf(fragment, sealedAt(facts.statements, Date.parse(at))).key;
      if (facts.audience.at !== at) facts.audience = { at, byClass: new Map() };
      const remembered = facts.audience.byClass.get(key);
      if (remembered !== undefined) return remembered;
      const told = fragment === undefined ? { formerly: false } : { fragment, formerly: false };
      const heard = [...facts.related.keys()].filter((organisation) => hears(organisation, facts, told, at)).sort();
      facts.audience.byClass.set(key, heard);
      return heard;
    },

    hears: (organisation, record, told, at) => record.folds.length > 0 && hears(organisation, factsOf(record, at), told, at),

    practices: (record, at) => practicesAt(record, { directory, sources, at }, terms),

    isRestricted: (record, at) => {
      if (record.folds.length === 0) return false;
      const facts = factsOf(record, at);
      return personFactsAt(facts.statements, wordsAt(facts, at)).restricted;
    },
  };
}

/** In place of the key of a class: any of them. */
const ANY = '*';

/** Names of the practices with which the person is, was or will be registered. */
const practicesOf = ({ related }: RecordFacts, directory: Directory): readonly string[] =>
  [...related].flatMap(([organisation, standing]) =>
    standing.has('registered-practice') ? (directory.byId(organisation)?.names ?? []).map(({ value }) => value) : [],
  );

const ACTION_OF_GRANT = { claimed: 'claim-relationship', 'break-glass': 'break-glass' } as const;

/** For whoever is nobody here. */
const NOTHING = {
  sealed: new Set<string>(),
  decide: (): ClassDecision => 'withheld',
  asKnown: (fragment: Fragment) => fragment,
  redact: (fragment: Fragment) => fragment,
  relationships: [],
  saysWithheld: false,
  seesEverything: () => false,
  stands: NOTHING_STANDS,
};

/** All that a view depends on, beside the record and the day. */
const viewKey = ({ organisation, grantIds, ...circumstances }: Position, sealed: ReadonlySet<string>): string =>
  `${organisation}\n${circumstancesKey(circumstances)}\n${grantIds.join()}\n${[...sealed].join()}`;

function seenClass({ section, source, markings }: ClassFacts, organisation: string, directory: Directory, at: string): SeenClass {
  return { section, markings, isOwn: (directory.current(source, at)?.id ?? source) === organisation };
}

function deedFacts(viewer: Viewer, { organisation }: Standing, about: About, directory: Directory) {
  const current = (id: string) => (about.at === undefined ? id : (directory.current(id, about.at)?.id ?? id));
  return {
    isOwn: about.organisation === undefined || current(about.organisation) === organisation,
    aboutViewer: viewer.person !== undefined && (about.persons ?? []).includes(viewer.person),
    byViewer: viewer.staff !== undefined && viewer.staff === about.staff,
    oversees: about.lead !== undefined && current(about.lead) === organisation,
  };
}

const sameFolds = (one: PersonRecord, other: PersonRecord): boolean =>
  one.folds.length === other.folds.length && one.folds.every((fold, index) => fold === other.folds[index]);
