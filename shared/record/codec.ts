import { runAtOnce, type Steps } from '../concurrency/steps.ts';
import { keepBodies, lazyBodies } from './bodies.ts';
import type { Contribution, PersonLink, Question } from './contribution.ts';
import type { Subject } from './identity.ts';
import { openManifest, type Packed, pack } from './packed.ts';
import type { Ruling } from './rulings.ts';
import { DEFAULT_SOURCE } from './source-names.ts';

type LinkFacts = readonly [kind: PersonLink['kind'], person: string, survivor: string, replacesNumber?: 1];

/** What the versions of a contribution have in common, as it is stored. */
type Facts = readonly [
  recordedAtMs: number,
  contributor: string,
  client: string,
  requestId: string,
  link?: LinkFacts | 0,
  /** 0 for the default, where something follows. */
  source?: string | 0,
  questions?: readonly Question[],
  rulings?: readonly Ruling[],
];

/** A contribution as it is stored; subject and sequence are its key. */
export interface StoredContribution {
  readonly subject: Subject;
  readonly sequence: number;
  readonly manifest: Uint8Array;
  readonly body?: Uint8Array;
}

/** @throws RangeError on what `pack` refuses, and when `recordedAt` is no instant of ISO 8601 with milliseconds in UTC. */
export function encodeContribution(contribution: Contribution): Packed {
  const { subject, recordedAt, fragments, bodies } = contribution;
  return pack(
    subject,
    factsOf(contribution),
    fragments.map((version, index) => ({ version, recordedAt, body: bodies[index] })),
  );
}

function factsOf(contribution: Contribution): Facts {
  const { recordedAt, contributor, client, source, requestId, link, questions = [], rulings = [] } = contribution;
  const common = [millisecondsOf(recordedAt), contributor, client, requestId] as const;
  const linking = link === undefined ? 0 : linkFacts(link);
  const named = source === DEFAULT_SOURCE ? 0 : source;
  if (rulings.length > 0) return [...common, linking, named, questions, rulings];
  if (questions.length > 0) return [...common, linking, named, questions];
  if (named !== 0) return [...common, linking, named];
  return linking === 0 ? common : [...common, linking];
}

const linkFacts = ({ kind, person, survivor, replacesNumber }: PersonLink): LinkFacts =>
  replacesNumber ? [kind, person, survivor, 1] : [kind, person, survivor];

const linkOf = ([kind, person, survivor, replacesNumber]: LinkFacts): PersonLink => ({
  kind,
  person,
  survivor,
  ...(replacesNumber ? { replacesNumber: true } : {}),
});

/** Reads the manifest at once, the bodies when one is first asked for. No JSON of a resource is parsed. */
export const decodeContribution = (stored: StoredContribution): Contribution => runAtOnce(decodeInSteps(stored));

/** The same in steps: a contribution may have tens of thousands of versions. */
export function* decodeInSteps({ subject, sequence, manifest, body }: StoredContribution): Steps<Contribution> {
  const { facts, versions, bodies } = yield* openManifest<Facts>(subject, manifest);
  const [recordedAtMs, contributor, client, requestId, link, source, questions = [], rulings] = facts;
  const recordedAt = new Date(recordedAtMs).toISOString();
  const lines = lazyBodies(body && bodies(body, () => recordedAt));
  const contribution: Contribution = {
    subject,
    sequence,
    recordedAt,
    contributor,
    client,
    source: source || DEFAULT_SOURCE,
    requestId,
    ...(link ? { link: linkOf(link) } : {}),
    ...(questions.length === 0 ? {} : { questions }),
    ...(rulings === undefined ? {} : { rulings }),
    fragments: versions,
    get bodies() {
      return versions.map((_, index) => lines.at(index));
    },
  };
  keepBodies(contribution, lines);
  return contribution;
}

/** @throws RangeError when the text is not what `Date.toISOString` writes. */
export function millisecondsOf(instant: string): number {
  const milliseconds = Date.parse(instant);
  if (new Date(milliseconds).toISOString() !== instant) throw new RangeError('an instant is ISO 8601 in UTC with milliseconds');
  return milliseconds;
}
