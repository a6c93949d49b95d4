import type { ChangeName, Row } from '../catalogue.ts';
import type { Looked } from './look.ts';
import { isAboutPerson } from './person.ts';
import { namesStatedBy } from './person-changes.ts';
import type { Scene } from './scene.ts';
import { type Asked, askedOf, triggersOn } from './triggers.ts';

/** A change that a version raises, with the names of those that it takes back or corrects. */
export interface Raised {
  readonly name: ChangeName;
  readonly corrects: readonly ChangeName[];
}

/** A row that is raised; `takesBack` where what the fragment told is taken back by it. */
interface Found {
  readonly name: ChangeName;
  readonly row: Row;
  readonly takesBack?: boolean;
}

const versionTriggers = triggersOn('version');

/** What one version of a contribution tells. */
export function detectVersion(scene: Scene, index: number): readonly Raised[] {
  const version = scene.contribution.fragments[index]!;
  if (version.action === 'late') return [];
  const found = withoutRepetition([...foundInFragment(scene, index), ...foundInPerson(scene, index)]);
  const bare = versionTriggers.filter(({ trigger }) => trigger.action === version.action && isLeft(version.action, found));
  return distinct([...found, ...bare]).map(({ name, row }) => ({ name, corrects: correctsOf(scene, index, row) }));
}

/** What takes back what the fragment told says so better than that the fragment no longer stands. */
const withoutRepetition = (found: readonly Found[]): readonly Found[] =>
  found.some(({ takesBack }) => takesBack) ? found.filter(({ row }) => !row.correctsFragment) : found;

/** A retraction is told unless what it takes back is; of anything else, nothing more is told where something is. */
const isLeft = (action: string, found: readonly Found[]): boolean =>
  action === 'retracted' ? !found.some(({ takesBack }) => takesBack) : found.length === 0;

function foundInFragment(scene: Scene, index: number): readonly Found[] {
  const { action, type } = scene.contribution.fragments[index]!;
  // What comes for the first time can set off nothing that needs something before it.
  const triggers = askedOf(type).filter(({ trigger }) => action !== 'created' || trigger.from === undefined);
  if (triggers.length === 0) return [];
  const now = scene.now(index);
  const before = scene.before(index);
  const key = scene.keyAt(index);
  const happened = triggers.filter((asked) => isNews(scene, asked, { now, before, key }));
  scene.others.become(key, now);
  return happened.map(({ name, row, trigger }) => ({ name, row, takesBack: trigger.gone === true }));
}

interface Seen {
  readonly now: Looked;
  readonly before: Looked | undefined;
  readonly key: string;
}

const isNews = ({ isFresh, others }: Scene, asked: Asked, { now, before, key }: Seen): boolean =>
  asked.happens(now, before) && isFresh(now, { ...asked.trigger, dated: asked.dated }) && !others.haveTold(asked, now, key);

function foundInPerson(scene: Scene, index: number): readonly Found[] {
  const version = scene.contribution.fragments[index]!;
  const before = scene.contribution.fragments[index]!.action === 'created' ? undefined : scene.before(index);
  if (!isAboutPerson(version) && !(before && isAboutPerson(before.version))) return [];
  return scene.person(scene.now(index), before);
}

function correctsOf(scene: Scene, index: number, row: Row): readonly ChangeName[] {
  const named = row.corrects ?? [];
  if (!row.correctsFragment) return named;
  return [...new Set([...named, ...toldOf(scene.before(index), scene.contribution.recordedAt)])];
}

/** Every version of a fragment is told by one of these where nothing else is told of it. */
const ALWAYS: readonly ChangeName[] = ['fragment-created', 'fragment-updated'];

/** The names of the changes that were, or may have been, told of a fragment as it stood. */
function toldOf(standing: Looked | undefined, at: string): readonly ChangeName[] {
  if (standing?.resource === undefined) return ALWAYS;
  const names = askedOf(standing.version.type).flatMap(({ name, row, tells }) =>
    tells(standing) && !row.correctsFragment ? name : [],
  );
  return [...ALWAYS, ...names, ...namesStatedBy(standing, at)];
}

const distinct = (found: readonly Found[]): readonly Found[] => [...new Map(found.map((one) => [one.name, one])).values()];
