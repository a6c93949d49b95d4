import type { OrganisationKind } from '../../directory/directory.ts';
import type { Fact, Speaker } from '../assertions/speaker.ts';
import type { PersonFacts } from '../facts/person.ts';
import type { PolicyRequest } from '../policy-set.ts';
import type { Relationship } from '../relationships.ts';
import type { Role } from '../roles.ts';
import type { Purpose } from '../viewer.ts';

/** Who looks, as the policies are told. */
export interface ViewerFacts {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly kind: OrganisationKind | 'people';
}

/** Who looks, at whom, and why, at an instant. */
export interface Circumstances extends ViewerFacts {
  readonly relationships: readonly (Relationship | 'self' | 'proxy')[];
  /** Those of them that another organisation told of. */
  readonly toldByOthers: readonly Relationship[];
  readonly grants: readonly ('claimed' | 'break-glass')[];
  readonly person: PersonFacts;
}

/** A class as the policies are told of it. */
export interface SeenClass {
  readonly section: string;
  readonly markings: readonly string[];
  /** The viewer's own organisation contributed it. */
  readonly isOwn: boolean;
}

/** What is known of a deed, as the policies are told. */
export interface DeedFacts {
  /** It was done for the viewer's own organisation. */
  readonly isOwn: boolean;
  readonly aboutViewer: boolean;
  readonly byViewer: boolean;
  readonly oversees: boolean;
}

export type SeeAction = 'see' | 'see-whereabouts' | 'hear-what-follows';
export type PersonAction = 'break-glass' | 'claim-relationship' | 'hear-of-withholding' | 'hear-that-it-closed';
export type DeedAction = 'read-audit' | 'replay' | 'review' | 'resolve';

/** Of two organisations the policies learn only whether they are one: see `schema.cedarschema`. */
const OWN = { type: 'Chesil::Organisation', id: "the viewer's" };
const OTHER = { type: 'Chesil::Organisation', id: 'another' };

const organisation = (uid: typeof OWN) => ({ uid, attrs: {}, parents: [] });

const viewer = ({ role, kind }: ViewerFacts) => {
  const uid = { type: 'Chesil::Viewer', id: role };
  const entity = { uid, attrs: { role, kind, organisation: { __entity: OWN } }, parents: [] };
  return { uid, entities: [entity, organisation(OWN), organisation(OTHER)] };
};

/** To see fragments of a class, where a person is in them, or to hear of what follows upon them. */
export function seeRequest(action: SeeAction, circumstances: Circumstances, seen: SeenClass): PolicyRequest {
  const { purpose, relationships, toldByOthers, grants, person } = circumstances;
  const principal = viewer(circumstances);
  const resource = { type: 'Chesil::FragmentClass', id: seen.section };
  const source = seen.isOwn ? OWN : OTHER;
  const attrs = { section: seen.section, source: { __entity: source }, markings: [...seen.markings] };
  return {
    principal: principal.uid,
    action,
    resource,
    context: {
      purpose,
      relationships: [...relationships],
      toldByOthers: [...toldByOthers],
      grants: [...grants],
      person: { ...person },
    },
    entities: [...principal.entities, { uid: resource, attrs, parents: [] }],
  };
}

/** To look up what an organisation tells of itself. */
export function lookUpRequest(facts: ViewerFacts, isOwn: boolean): PolicyRequest {
  const principal = viewer(facts);
  const resource = { type: 'Chesil::DirectoryFragment', id: 'directory' };
  const attrs = { source: { __entity: isOwn ? OWN : OTHER } };
  return {
    principal: principal.uid,
    action: 'look-up',
    resource,
    context: {},
    entities: [...principal.entities, { uid: resource, attrs, parents: [] }],
  };
}

/** To do something about a person of whom nothing is known but that somebody asks. */
export function personRequest(action: PersonAction, facts: ViewerFacts): PolicyRequest {
  const principal = viewer(facts);
  const resource = { type: 'Chesil::Person', id: 'person' };
  return {
    principal: principal.uid,
    action,
    resource,
    context: { purpose: facts.purpose },
    entities: [...principal.entities, { uid: resource, attrs: {}, parents: [] }],
  };
}

/** To do something about what somebody did. */
export function deedRequest(action: DeedAction, facts: ViewerFacts, { isOwn, ...deed }: DeedFacts): PolicyRequest {
  const principal = viewer(facts);
  const resource = { type: 'Chesil::Deed', id: 'deed' };
  const attrs = { organisation: { __entity: isOwn ? OWN : OTHER } };
  return {
    principal: principal.uid,
    action,
    resource,
    context: { purpose: facts.purpose, ...deed },
    entities: [...principal.entities, { uid: resource, attrs, parents: [] }],
  };
}

/** To state something about a person so that it takes effect. */
export function assertRequest(fact: Fact, { kind, toldByOthers, ...speaker }: Speaker): PolicyRequest {
  const principal = { type: 'Chesil::Speaker', id: kind };
  const resource = { type: 'Chesil::Fact', id: fact };
  return {
    principal,
    action: 'assert',
    resource,
    context: { ...speaker, toldByOthers: [...toldByOthers] },
    entities: [
      { uid: principal, attrs: { kind }, parents: [] },
      { uid: resource, attrs: {}, parents: [] },
    ],
  };
}
