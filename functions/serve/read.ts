import { isKnownAlready, type State, stateHeaders } from '../../shared/fhir/answers/conditional.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { controlOf, noControls } from '../../shared/fhir/search/controls.ts';
import type { SearchPlan } from '../../shared/fhir/search/plan.ts';
import { answeredBody } from '../../shared/fhir/search/summary.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { Fragment } from '../../shared/record/fold.ts';
import { isPersonId, type LogicalId, parseLogicalId } from '../../shared/record/identity.ts';
import type { ServeDependencies, ServeRequest } from './context.ts';
import { personVersions } from './history.ts';
import { countByClass, findFragment, type Look, onceNoted, openRecord } from './look.ts';
import { type PersonPatient, personPatient } from './person.ts';

type Answered = Promise<HttpAnswer | Refusal>;

/** Nobody learns from the answer whether something is not there or must not be seen. */
const NOT_FOUND = refuse('not-found');

/** What is read, and which part of it. */
interface Reading {
  readonly request: ServeRequest;
  readonly type: string;
  readonly part: Pick<SearchPlan, 'type' | 'summary' | 'elements'>;
}

/** `GET /{type}/{id}`: the current state of a fragment, of a person, or of what an organisation tells of itself. */
export async function read(dependencies: ServeDependencies, request: ServeRequest, type: string, id: string): Answered {
  const part = partOf(type, request);
  if (isRefusal(part)) return part;
  const reading = { request, type, part };
  const named = parseLogicalId(id);
  if (named === undefined) return NOT_FOUND;
  if (!isPersonId(named.subject)) return readDirectory(dependencies, reading, named);
  const look = await openRecord(dependencies, request, named.subject);
  if (named.fragmentId === undefined) return readPerson(dependencies, reading, look);
  const fragment = findFragment(look.record, named.subject, named.fragmentId);
  return answerFragment(reading, look, 'read', fragment);
}

/** `GET /{type}/{id}/_history/{version}`. */
export async function vread(
  dependencies: ServeDependencies,
  request: ServeRequest,
  type: string,
  id: string,
  version: string,
): Answered {
  const part = partOf(type, request);
  if (isRefusal(part)) return part;
  const reading = { request, type, part };
  const named = parseLogicalId(id);
  if (named === undefined) return NOT_FOUND;
  if (!isPersonId(named.subject)) return readDirectory(dependencies, reading, named, version);
  const look = await openRecord(dependencies, request, named.subject);
  if (named.fragmentId === undefined) return vreadPerson(dependencies, reading, look, version);
  return answerFragment(reading, look, 'vread', await findVersion(dependencies, named, version));
}

async function findVersion({ store }: ServeDependencies, { subject, fragmentId = '' }: LogicalId, version: string) {
  const versions = await store.versions(subject, fragmentId);
  return versions.find((each) => String(each.version) === version);
}

type Interaction = 'read' | 'vread';

async function answerFragment(reading: Reading, look: Look, interaction: Interaction, fragment: Fragment | undefined): Answered {
  const { type } = reading;
  if (fragment === undefined || fragment.type !== type || !look.view.sees(fragment)) {
    return refused(reading, look, interaction, fragment);
  }
  const noted = look.note({ interaction, type, outcome: 'shown', shown: countByClass([fragment]) });
  return onceNoted(noted, answerState(reading, stateOf(fragment)));
}

/** Notes and answers a look at what is not there or must not be seen. */
async function refused({ type }: Reading, look: Look, interaction: Interaction, fragment: Fragment | undefined): Answered {
  const withheld = countByClass(fragment === undefined ? [] : [fragment]);
  return onceNoted(look.note({ interaction, type, outcome: 'refused', withheld }), NOT_FOUND);
}

async function readPerson({ directory }: ServeDependencies, reading: Reading, look: Look): Answered {
  const { type, request } = reading;
  const person = type === 'Patient' ? personPatient(look.record, look.visible, directory, request.at) : undefined;
  return answerPerson(reading, look, 'read', person);
}

async function vreadPerson(dependencies: ServeDependencies, reading: Reading, look: Look, version: string): Answered {
  const versions = reading.type === 'Patient' ? await personVersions(dependencies, reading.request, look) : [];
  const person = versions.find(({ versionId }) => versionId === version);
  return answerPerson(reading, look, 'vread', person);
}

async function answerPerson(reading: Reading, look: Look, interaction: Interaction, person: PersonPatient | undefined): Answered {
  if (person === undefined) return refused(reading, look, interaction, undefined);
  const shown = countByClass(person.fragments);
  const noted = look.note({ interaction, type: reading.type, outcome: 'shown', shown });
  return onceNoted(noted, answerState(reading, { ...person, location: `Patient/${person.personId}` }));
}

/** What an organisation tells of itself is no personal data: any partner may read it, and no look is noted. */
async function readDirectory(
  { store, access }: ServeDependencies,
  reading: Reading,
  { subject, fragmentId = '' }: LogicalId,
  version?: string,
): Answered {
  const { request, type } = reading;
  if (!access.mayLookUp(request.caller, subject, request.at)) return NOT_FOUND;
  const fragment =
    version === undefined
      ? (await store.fold(subject)).fragments.get(fragmentId)
      : (await store.versions(subject, fragmentId)).find((each) => String(each.version) === version);
  return fragment?.type === type ? answerState(reading, stateOf(fragment)) : NOT_FOUND;
}

interface Readable extends State {
  readonly body: string | undefined;
  /** Address of what is answered, where it can be another than was asked for: a person merged into another. */
  readonly location?: string;
}

const stateOf = ({ version, recordedAt, body }: Fragment): Readable => ({
  versionId: String(version),
  lastUpdated: recordedAt,
  body,
});

function answerState({ request, type, part }: Reading, state: Readable): HttpAnswer | Refusal {
  if (state.body === undefined) return refuse('gone');
  const told = {
    ...stateHeaders(state),
    ...(state.location === undefined ? {} : { 'content-location': `${request.fhirUrl}/${state.location}` }),
  };
  if (isKnownAlready(request.headers, state)) return { status: 304, headers: told };
  return { status: 200, headers: told, body: answeredBody({ type, body: state.body }, part) };
}

/** Which part of a resource is asked for by `_summary` or `_elements` (http://hl7.org/fhir/R4/http.html#parameters). */
function partOf(type: string, { query, wanted }: ServeRequest): Reading['part'] | Refusal {
  const controls = noControls();
  for (const [name, value] of query) {
    if (!PARTS.has(name) && wanted.strict) return refuse('unknown-parameter');
    const problem = PARTS.has(name) ? controlOf(name)?.control(value, controls, type, '') : undefined;
    if (problem !== undefined && problem !== 'unknown') return refuse('bad-parameter', { diagnostics: name });
  }
  return { type, summary: controls.summary ?? 'false', elements: controls.elements };
}

const PARTS: ReadonlySet<string> = new Set(['_summary', '_elements']);
