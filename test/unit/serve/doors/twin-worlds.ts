import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { createRoutes } from '../../../../functions/serve/routes.ts';
import type { View } from '../../../../shared/access/access.ts';
import { systemViewer } from '../../../../shared/access/viewer.ts';
import type { Steps } from '../../../../shared/concurrency/steps.ts';
import { describe as describeResource } from '../../../../shared/fhir/describe.ts';
import { isRefusal } from '../../../../shared/fhir/outcomes.ts';
import { ORGANISATION_TAG } from '../../../../shared/fhir/systems.ts';
import { answerOf } from '../../../../shared/lambda/api.ts';
import type { HttpAnswer } from '../../../../shared/lambda/http.ts';
import { draftContribution, type FragmentDraft } from '../../../../shared/record/draft.ts';
import type { PersonRecord } from '../../../../shared/record/fold.ts';
import { logicalId } from '../../../../shared/record/identity.ts';
import { linkContributions } from '../../../../shared/record/linking.ts';
import { createRecordStore, type RecordStore } from '../../../../shared/store/record.ts';
import { createWorld, FHIR_URL, type World } from '../world.ts';
import { type Fragment, groundsOf, type Persons, type Record, resourceOf, type Who } from './records.ts';

/** When contributions are recorded, a second apart; and when somebody looks. */
const FIRST = Date.parse('2026-11-23T00:00:00Z');
export const NOW = '2026-11-24T00:00:00.000Z';

export type Asker = ReturnType<Who> & { readonly scopes: readonly string[] };

/** Two records of the same people: a whole one, and one that holds only what somebody may see. */
export async function createTwinWorlds() {
  const world = await createWorld();
  const { client } = world.engine;
  await client.send(
    new CreateTableCommand({
      TableName: 'Reduced',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['subject', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'subject', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
    }),
  );
  let time = FIRST;
  const now = () => new Date(time);
  const storeOf = (table: string) => createRecordStore({ client, table, now });
  return {
    world,
    whole: storeOf(world.engine.recordTable),
    reduced: storeOf('Reduced'),
    /** Sets the clock of what is recorded, in seconds. */
    setClock: (seconds: number) => {
      time = FIRST + seconds * 1_000;
    },
  };
}

export type TwinWorlds = Awaited<ReturnType<typeof createTwinWorlds>>;

const sourceOf = (place: number) => `source ${place}`;

export const addressOf = ({ identity }: World, { survivor, merged }: Persons, record: Record, place: number): string => {
  const { owner, type, of } = record.fragments[place]!;
  const subject = of === 'merged' && record.merged ? merged : survivor;
  return `${type}/${logicalId(subject, identity.fragment(owner, type, sourceOf(place)))}`;
};

/** A text that only this version of this fragment holds. */
export const tokenOf = (place: number, version: number): string => `token${place}x${version}x`;

/** Versions of a fragment with a retraction in the end, if there is one: 1, 2, … */
export const versionsOf = ({ versions, retracted }: Fragment): readonly number[] =>
  Array.from({ length: versions.length + (retracted ? 1 : 0) }, (_, index) => index + 1);

/**
 * Writes a record, each step at its own second so that both twins bear the same times.
 * @param kept which versions of which fragments: all, or those that may be seen
 */
export async function writeRecord(
  twins: TwinWorlds,
  store: RecordStore,
  persons: Persons,
  record: Record,
  kept: (place: number, version: number) => boolean,
): Promise<void> {
  const { world, setClock } = twins;
  const write = async (second: number, owner: string, subject: string, drafts: readonly FragmentDraft[]) => {
    setClock(second);
    await store.contribute([subject], (folds, at) => {
      const submission = { contributor: owner, client: owner, source: 'main', requestId: 'r' };
      const draft = draftContribution(folds.get(subject)!, submission, drafts, at);
      if ('problems' in draft) throw new Error(JSON.stringify(draft.problems));
      return { result: 'written', contributions: draft.contribution === undefined ? [] : [draft.contribution] };
    });
  };
  if (record.merged) {
    setClock(0);
    await link(store, persons);
  }
  for (const version of [1, 2, 3, 4]) {
    for (const [place, fragment] of record.fragments.entries()) {
      if (!versionsOf(fragment).includes(version) || !kept(place, version)) continue;
      const subject = fragment.of === 'merged' && record.merged ? persons.merged : persons.survivor;
      await write(secondOf(place, version), fragment.owner, subject, [draftOf(world, persons, record, place, version)]);
    }
  }
  // What stands against showing is told by nobody who looks: a source that has told nothing else.
  const grounds = groundsDraft(world, record);
  if (grounds !== undefined && kept(GROUNDS, 1)) await write(GROUNDS_SECOND, 'icb', persons.survivor, [grounds]);
  if (record.proxied && kept(PROXY, 1))
    await write(GROUNDS_SECOND + 1, 'surgery', persons.survivor, [proxyDraft(world, persons)]);
}

/** The places of what stands against showing the record, and of what lets somebody act for the person. */
export const GROUNDS = -1;
export const PROXY = -2;

/** When a version is recorded, in seconds after the first. */
const secondOf = (place: number, version: number): number => 1 + (version - 1) * 20 + place;
const GROUNDS_SECOND = 100;

/** Instants at which something of a record was written, and one before all of them. */
export const momentsOf = ({ fragments }: Record): readonly string[] =>
  [-1, 0, GROUNDS_SECOND, ...fragments.flatMap((each, place) => versionsOf(each).map((version) => secondOf(place, version)))]
    .toSorted((one, other) => one - other)
    .map((second) => new Date(FIRST + second * 1_000).toISOString());

async function link(store: RecordStore, { survivor, merged }: Persons): Promise<void> {
  const submission = { contributor: 'icb', client: 'icb', source: 'main', requestId: 'r' };
  await store.contribute([survivor, merged], (folds, at) => ({
    result: 'linked',
    contributions: linkContributions(folds, submission, { kind: 'link', persons: [survivor, merged], survivor }, at),
  }));
}

function draftOf(world: World, persons: Persons, record: Record, place: number, number: number): FragmentDraft {
  const fragment = record.fragments[place]!;
  const version = fragment.versions[number - 1] ?? fragment.versions.at(-1)!;
  const target = record.fragments[fragment.refersTo];
  const sameSubject = target !== undefined && target.of === fragment.of;
  const reference = sameSubject ? addressOf(world, persons, record, fragment.refersTo) : undefined;
  const subject = fragment.of === 'merged' && record.merged ? persons.merged : persons.survivor;
  const resource = resourceOf(fragment, version, subject, reference, tokenOf(place, number));
  const { content, ...draft } = draftOfResource(world, fragment, sourceOf(place), resource);
  if (number > fragment.versions.length) return draft;
  const sourceTime = new Date(FIRST + (version.late ? 0 : number) * 3_600_000).toISOString();
  return { ...draft, ...(content === undefined ? {} : { content }), sourceTime };
}

function draftOfResource(
  { identity }: World,
  { owner, type }: { readonly owner: string; readonly type: string },
  source: string,
  resource: ReturnType<typeof resourceOf>,
): FragmentDraft {
  const { resourceType: _type, meta = {}, ...rest } = resource;
  return {
    fragmentId: identity.fragment(owner, type, source),
    type,
    content: { meta: { ...(meta as object), tag: [{ system: ORGANISATION_TAG, code: owner }] }, rest: JSON.stringify(rest) },
    ...describeResource(resource as never),
  };
}

function proxyDraft(world: World, { proxy }: Persons): FragmentDraft {
  const resource = { resourceType: 'Consent', status: 'active', policyRule: { text: tokenOf(PROXY, 1) } };
  const draft = draftOfResource(world, { owner: 'surgery', type: 'Consent' }, 'proxy', resource);
  return { ...draft, grounds: [{ kind: 'proxy', from: '2026-01-01', to: '2027-01-01', names: [proxy] }] };
}

function groundsDraft(world: World, record: Record): FragmentDraft | undefined {
  const { fragments } = record;
  const sealed = record.sealed.flatMap((place) => {
    const fragment = fragments[place];
    return fragment === undefined ? [] : [world.identity.fragment(fragment.owner, fragment.type, sourceOf(place))];
  });
  const grounds = groundsOf(record, sealed);
  if (grounds.length === 0) return undefined;
  const resource = { resourceType: 'Flag', status: 'active', code: { text: tokenOf(GROUNDS, 1) } };
  const draft = draftOfResource(world, { owner: 'icb', type: 'Flag' }, 'grounds', resource);
  return { ...draft, grounds };
}

/** Whatever is said of stale sources shall tell of none that is not shown. */
const SILENT = ['uhd', 'dch', 'surgery', 'council', 'icb'].map((organisation) => ({
  organisation,
  name: `silent ${organisation}`,
  lastAt: '2026-11-23T12:00:00.000Z',
  everyMinutes: 60,
  silence: { from: '2026-11-23T12:00:00.000Z', due: '2026-11-23T13:00:00.000Z', staleAt: '2026-11-23T13:15:00.000Z' },
}));

/** Asks one of the twins. @param view decides what is seen, where it is not the policies */
export async function ask(
  { world }: TwinWorlds,
  store: RecordStore,
  { grants, ...asker }: Asker,
  address: string,
  headers: Readonly<globalThis.Record<string, string>> = {},
  view?: View,
): Promise<HttpAnswer> {
  const { access } = world.dependencies;
  const routes = createRoutes({
    ...world.dependencies,
    store,
    grants: async () => grants,
    freshness: { sources: async () => SILENT },
    now: () => new Date(NOW),
    ...(view === undefined ? {} : { access: { ...access, viewInSteps: (_viewer, record) => narrowedTo(view, record) } }),
  });
  const url = new URL(address.startsWith('http') ? address : `${FHIR_URL}/${address}`);
  const answer = await routes({
    method: 'GET',
    path: url.pathname.slice('/fhir/R4'.length).split('/').filter(Boolean).map(decodeURIComponent),
    query: [...url.searchParams],
    headers,
    body: Buffer.alloc(0),
    caller: { ...systemViewer(asker.organisation, 'client'), source: 'main', ...asker },
    requestId: '00000000-0000-4000-8000-000000000000',
    correlationId: undefined,
    fhirUrl: FHIR_URL,
  });
  return isRefusal(answer) ? answerOf(answer) : answer;
}

/** The same decisions about the same fragments, in a record that holds no others: its grounds may be gone, and what was decided by them stands. */
function* narrowedTo(view: View, { folds }: PersonRecord): Steps<View> {
  yield 1;
  const fragments = folds.flatMap((fold) => [...fold.fragments.values()].flatMap((fragment) => view.show(fragment) ?? []));
  return { ...view, fragments };
}
