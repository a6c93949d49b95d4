import { ANYBODY, type Fact, type Speaker } from '../assertions/speaker.ts';
import type { PolicyDecision, PolicyRequest, PolicySet } from '../policy-set.ts';
import {
  assertRequest,
  type Circumstances,
  type DeedAction,
  type DeedFacts,
  deedRequest,
  lookUpRequest,
  type PersonAction,
  personRequest,
  type SeeAction,
  type SeenClass,
  seeRequest,
  type ViewerFacts,
} from './requests.ts';

/** Asks the policies, each question once. */
export interface Decider {
  /** Decides about classes, in circumstances that are the same for all of them. */
  inCircumstances(circumstances: Circumstances): (action: SeeAction, seen: SeenClass) => PolicyDecision;
  lookUp(viewer: ViewerFacts, isOwn: boolean): PolicyDecision;
  aboutPerson(action: PersonAction, viewer: ViewerFacts): PolicyDecision;
  aboutDeed(action: DeedAction, viewer: ViewerFacts, deed: DeedFacts): PolicyDecision;
  /** Whether what somebody states takes effect. @param speaker what is known of them beside what holds for anybody */
  asserts(fact: Fact, speaker: Partial<Speaker>): PolicyDecision;
}

/** A decision is some 200 bytes; the bound keeps a long-lived instance small. */
const MAX_DECISIONS = 20_000;

/**
 * A decision depends on nothing but the facts that the policies are told, so it is remembered by them. They hold neither a person nor an organisation:
 * what was decided for one serves for all in the same position.
 */
export function createDecider(policies: PolicySet): Decider {
  const decisions = new Map<string, PolicyDecision>();

  const decide = (key: string, request: () => PolicyRequest): PolicyDecision => {
    let decision = decisions.get(key);
    if (decision === undefined) {
      if (decisions.size >= MAX_DECISIONS) decisions.clear();
      decision = policies.ask(request());
      decisions.set(key, decision);
    }
    return decision;
  };

  return {
    inCircumstances: (circumstances) => {
      const known = circumstancesKey(circumstances);
      return (action, seen) => decide(`${action}\n${known}\n${seenKey(seen)}`, () => seeRequest(action, circumstances, seen));
    },
    lookUp: (viewer, isOwn) => decide(`look-up\n${viewerKey(viewer)}\n${isOwn}`, () => lookUpRequest(viewer, isOwn)),
    aboutPerson: (action, viewer) => decide(`${action}\n${viewerKey(viewer)}`, () => personRequest(action, viewer)),
    aboutDeed: (action, viewer, deed) => {
      const { isOwn, aboutViewer, byViewer, oversees } = deed;
      const key = `${action}\n${viewerKey(viewer)}\n${isOwn} ${aboutViewer} ${byViewer} ${oversees}`;
      return decide(key, () => deedRequest(action, viewer, deed));
    },
    asserts: (fact, known) => {
      const speaker = { ...ANYBODY, ...known };
      return decide(`assert\n${fact}\n${JSON.stringify(speaker)}`, () => assertRequest(fact, speaker));
    },
  };
}

const viewerKey = ({ role, purpose, kind }: ViewerFacts): string => `${role} ${purpose} ${kind}`;

/** Everything about who looks at whom and why that a decision can depend on, in one text. */
export const circumstancesKey = ({ relationships, toldByOthers, grants, person, ...viewer }: Circumstances): string =>
  `${viewerKey(viewer)}\n${relationships.join()}\n${toldByOthers.join()}\n${grants.join()}\n${person.restricted} ${person.optedOut} ${person.deceased}`;

const seenKey = ({ section, markings, isOwn }: SeenClass): string => `${section}\n${markings.join()}\n${isOwn}`;
