import type { View } from '../../../shared/access/access.ts';
import { isKnownAlready, type State, stateHeaders } from '../../../shared/fhir/answers/conditional.ts';
import { withoutRepeats } from '../../../shared/fhir/answers/query-parameters.ts';
import { isRefusal, type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import { controlOf, noControls } from '../../../shared/fhir/search/controls.ts';
import type { SearchPlan } from '../../../shared/fhir/search/plan.ts';
import { answeredBody } from '../../../shared/fhir/search/summary.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { isPersonId, type LogicalId } from '../../../shared/record/identity.ts';
import { versionIdOf } from '../../../shared/record/opaque-versions.ts';
import { type ServeDependencies, type ServeRequest, type Told, unnoted } from '../context.ts';
import { countByClass, findFragment, type Look, openRecord, versionsUntil } from '../looking/look.ts';
import { locateFragment, readAddress } from '../looking/own-ids.ts';
import { type PersonPatient, personPatient } from '../looking/person.ts';
import { TO_READ } from '../looking/reach.ts';
import { personAt, timelineOf } from './history.ts';

type Answered = Promise<Told>;

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
  if (isRefusal(part)) return unnoted(part);
  const reading = { request, type, part };
  const named = await readAddress(dependencies, request.caller, { type, id });
  if (named === undefined) return unnoted(NOT_FOUND);
  if (!isPersonId(named.subject)) return readDirectory(dependencies, reading, named);
  const look = await openRecord(dependencies, request, named.subject, TO_READ);
  if (named.fragmentId === undefined) return readPerson(dependencies, reading, look);
  return answerFragment(reading, look, 'read', findFragment(look.record, locateFragment(look.record, named)));
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
  if (isRefusal(part)) return unnoted(part);
  const reading = { request, type, part };
  const named = await readAddress(dependencies, request.caller, { type, id });
  if (named === undefined) return unnoted(NOT_FOUND);
  if (!isPersonId(named.subject)) return readDirectory(dependencies, reading, named, version);
  const look = await openRecord(dependencies, request, named.subject, TO_READ);
  if (named.fragmentId === undefined) return vreadPerson(dependencies, reading, look, version);
  return answerFragment(
    reading,
    look,
    'vread',
    await findVersion(dependencies, look, locateFragment(look.record, named), version),
  );
}

async function findVersion(
  dependencies: ServeDependencies,
  look: Look,
  { subject, fragmentId = '' }: LogicalId,
  version: string,
): Promise<Fragment | undefined> {
  const versions = await versionsUntil(dependencies, look, subject, new Set([fragmentId]));
  const { versionNames } = dependencies;
  return versions.find((each) => versionNames.version(each) === version || isKnownByNumber(look, each, version));
}

/** Owners know versions by number; the opaque name serves them too, for signals and other partners pass it on. */
function isKnownByNumber(look: Look, fragment: Fragment, version: string): boolean {
  if (String(fragment.version) !== version) return false;
  const shown = look.show(fragment);
  return shown !== undefined && versionIdOf(shown) === version;
}

type Interaction = 'read' | 'vread';

function answerFragment(reading: Reading, look: Look, interaction: Interaction, fragment: Fragment | undefined): Told {
  const { type } = reading;
  const shown = fragment?.type === type ? look.show(fragment) : undefined;
  if (shown === undefined) return refused(reading, look, interaction, fragment);
  const note = { interaction, person: look.personId, type, outcome: 'shown', shown: countByClass(look, [shown]), look } as const;
  return { ...answerState(reading, look, stateOf(shown)), note };
}

/** The answer to a look at what is not there or must not be seen. */
function refused({ type }: Reading, look: Look, interaction: Interaction, fragment: Fragment | undefined): Told {
  const withheld = countByClass(look, fragment === undefined ? [] : [fragment]);
  return { answer: NOT_FOUND, note: { interaction, person: look.personId, type, outcome: 'refused', withheld, look } };
}

function readPerson({ directory }: ServeDependencies, reading: Reading, look: Look): Told {
  const { type, request } = reading;
  const person =
    type === 'Patient' ? personPatient(look.record, look.visible, directory, look.view.stands, request.at) : undefined;
  return answerPerson(reading, look, 'read', person);
}

async function vreadPerson(dependencies: ServeDependencies, reading: Reading, look: Look, version: string): Answered {
  if (reading.type !== 'Patient') return answerPerson(reading, look, 'vread', undefined);
  const timeline = await timelineOf(dependencies, reading.request, look);
  const place = timeline.moments.findIndex(({ versionId }) => versionId === version);
  const person = place < 0 ? undefined : personAt(dependencies, reading.request, look, timeline, place);
  return answerPerson(reading, look, 'vread', person);
}

function answerPerson(reading: Reading, look: Look, interaction: Interaction, person: PersonPatient | undefined): Told {
  if (person === undefined) return refused(reading, look, interaction, undefined);
  const { type } = reading;
  const shown = countByClass(look, person.fragments);
  const note = { interaction, person: look.personId, type, outcome: 'shown', shown, look } as const;
  return { ...answerState(reading, look, { ...person, location: `Patient/${person.personId}` }), note };
}

/** What an organisation tells of itself is no personal data: any partner may read it, and no look is noted. */
async function readDirectory(
  { store, access, versionNames }: ServeDependencies,
  reading: Reading,
  { subject, fragmentId = '' }: LogicalId,
  version?: string,
): Answered {
  const { request, type } = reading;
  if (!access.mayLookUp(request.caller, subject, request.at)) return unnoted(NOT_FOUND);
  const asKnown = access.asKnownTo(request.caller, request.at);
  const isAsked = (each: Fragment) => versionNames.version(each) === version || versionIdOf(asKnown(each)) === version;
  const fragment =
    version === undefined
      ? (await store.fold(subject)).fragments.get(fragmentId)
      : (await store.versions(subject, fragmentId)).find(isAsked);
  const isThere = fragment?.type === type && request.reach.covers(fragment, TO_READ);
  return isThere ? answerState(reading, NOTHING_LEFT_OUT, stateOf(asKnown(fragment))) : unnoted(NOT_FOUND);
}

interface Readable extends State {
  readonly body: string | undefined;
  /** Address of what is answered, where it can be another than was asked for: a person merged into another. */
  readonly location?: string;
}

const stateOf = (fragment: Fragment): Readable => ({
  versionId: versionIdOf(fragment),
  lastUpdated: fragment.recordedAt,
  body: fragment.body,
});

/** What is told of an organisation by itself is told whole. */
const NOTHING_LEFT_OUT = { view: { redacts: false } } as const;

function answerState(
  { request, type, part }: Reading,
  { view }: { readonly view: Pick<View, 'redacts'> },
  state: Readable,
): Omit<Told, 'note'> {
  if (state.body === undefined) return unnoted(refuse('gone'));
  // The same version is told with more or less left out, as the reasons to leave it out come and go: no copy may be called current, now or when they are gone.
  const told = {
    ...(view.redacts ? {} : stateHeaders(state)),
    ...(state.location === undefined ? {} : { 'content-location': `${request.fhirUrl}/${state.location}` }),
  };
  const body = answeredBody({ type, body: state.body }, part);
  const isKnown = !view.redacts && isKnownAlready(request.headers, state);
  return isKnown ? { answer: { status: 304, headers: told }, confirmed: body } : unnoted({ status: 200, headers: told, body });
}

/** Which part of a resource is asked for by `_summary` or `_elements` (http://hl7.org/fhir/R4/http.html#parameters). */
function partOf(type: string, { query, wanted }: ServeRequest): Reading['part'] | Refusal {
  const controls = noControls();
  for (const [name, value] of withoutRepeats(query)) {
    if (!PARTS.has(name) && wanted.strict) return refuse('unknown-parameter');
    const problem = PARTS.has(name) ? controlOf(name)?.control(value, controls, type, '') : undefined;
    if (problem !== undefined && problem !== 'unknown') return refuse('bad-parameter', { diagnostics: name });
  }
  return { type, summary: controls.summary ?? 'false', elements: controls.elements };
}

const PARTS: ReadonlySet<string> = new Set(['_summary', '_elements']);
