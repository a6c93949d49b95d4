import type { Fact, Speaker } from '../../shared/access/assertions/speaker.ts';
import { createDecider } from '../../shared/access/deciding/decider.ts';
import type {
  Circumstances,
  DeedAction,
  DeedFacts,
  PersonAction,
  SeeAction,
  ViewerFacts,
} from '../../shared/access/deciding/requests.ts';
import type { PersonFacts } from '../../shared/access/facts/person.ts';
import type { PolicySet } from '../../shared/access/policy-set.ts';
import { RELATIONSHIPS, type Relationship } from '../../shared/access/relationships.ts';
import { ROLES, type Role } from '../../shared/access/roles.ts';
import type { Purpose } from '../../shared/access/viewer.ts';

/** Why somebody may look, in one word: nothing, a relationship, or their own word. */
export type Reason = 'none' | Relationship | 'claimed' | 'break-glass' | 'self' | 'proxy';

/** The kind of organisation at which a role is at home, where that is no hospital. */
const KIND: Readonly<Partial<Record<Role, ViewerFacts['kind']>>> = {
  gp: 'gp-practice',
  paramedic: 'ambulance',
  'social-worker': 'council',
  person: 'people',
  proxy: 'people',
};

/** What is asked of the policies for one cell of a table. */
export interface Question {
  readonly role: Role;
  readonly purpose?: Purpose;
  readonly reasons: readonly Reason[];
  /** Whether their own organisation alone told of the reasons: else another did. */
  readonly selfMade?: boolean;
  readonly section: string;
  readonly marking?: string;
  readonly isOwn?: boolean;
  readonly person?: Partial<PersonFacts>;
}

/** Asks the policies what the tables of the document say. */
export function createAsking(policies: PolicySet) {
  const decider = createDecider(policies);
  const viewer = (role: Role, purpose: Purpose = ROLES[role].purposes[0]): ViewerFacts => ({
    role,
    purpose,
    kind: KIND[role] ?? 'trust',
  });
  const allows = (
    action: SeeAction,
    { role, purpose, reasons, selfMade = false, section, marking, isOwn = false, person = {} }: Question,
  ): boolean => {
    const named = reasons.filter((reason) => reason in RELATIONSHIPS) as Relationship[];
    const relationships = [...new Set(named.flatMap((reason) => [reason, ...(ALONGSIDE[reason] ?? [])]))];
    const circumstances: Circumstances = {
      ...viewer(role, purpose),
      relationships: [...relationships, ...reasons.filter((reason) => reason === 'self' || reason === 'proxy')],
      toldByOthers: selfMade ? [] : relationships.filter((relationship) => !NEVER_TOLD.has(relationship)),
      // What a role cannot take on its own word does not count for it (see `access.ts`).
      grants: GRANTS.flatMap(([grant, action]) =>
        reasons.includes(grant) && decider.aboutPerson(action, viewer(role, purpose)).allowed ? [grant] : [],
      ),
      person: { restricted: false, optedOut: false, optOutContested: false, deceased: false, ...person },
    };
    // People contribute nothing themselves.
    const seen = { section, markings: marking === undefined ? [] : [marking], isOwn: isOwn && circumstances.kind !== 'people' };
    return decider.inCircumstances(circumstances)(action, seen).allowed;
  };
  return {
    sees: (question: Question): boolean => allows('see', question),
    /** Whether a system whose organisation has nothing to do with the person any more hears what follows upon what it could see. */
    hearsWhatFollows: (question: Pick<Question, 'section' | 'marking' | 'person'>): boolean =>
      allows('hear-what-follows', { ...question, role: 'system', reasons: ['none'] }),
    may: (role: Role, action: PersonAction): boolean => decider.aboutPerson(action, viewer(role)).allowed,
    asserts: (fact: Fact, speaker: Speaker): boolean => decider.asserts(fact, speaker).allowed,
    mayWith: (role: Role, action: DeedAction, deed: DeedFacts): boolean => decider.aboutDeed(action, viewer(role), deed).allowed,
  };
}

/** What always stands beside a relationship. */
const ALONGSIDE: Readonly<Partial<Record<Relationship, readonly Relationship[]>>> = {
  'established-practice': ['registered-practice'],
  'confirmed-practice': ['registered-practice', 'established-practice'],
  stay: ['encounter'],
};

/** What another organisation cannot tell of: a claim to be the practice is told only once it is confirmed. */
const NEVER_TOLD: ReadonlySet<Relationship> = new Set(['contributor', 'registered-practice', 'established-practice', 'stay']);

const GRANTS = [
  ['claimed', 'claim-relationship'],
  ['break-glass', 'break-glass'],
] as const;

export type Asking = ReturnType<typeof createAsking>;
