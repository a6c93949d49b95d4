import { randomInt, scryptSync, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { keepOnce } from '../../local/data-folder/json-file.ts';
import { DEMO_USERS } from './users.ts';

/** Words that are easy to type and to tell apart. */
const WORDS = (
  'amber anchor barley beacon cliff clover coral cove crab dune ember fern flint gorse gull harbour heather kelp lantern ' +
  'limpet marram mussel oyster pebble plover quarry reed ripple saffron sail samphire shell shingle slate sorrel spruce tern thrift tide wharf'
).split(' ');

const WORDS_EACH = 4;

const makePassword = (): string =>
  `${Array.from({ length: WORDS_EACH }, () => WORDS[randomInt(WORDS.length)]).join('-')}-${randomInt(10, 100)}`;

/** Passwords of the demo's users by name, made the first time and kept in the data folder. */
export const keptPasswords = (dataDir: string): Readonly<Record<string, string>> => {
  const path = join(dataDir, 'providers', 'passwords.json');
  return keepOnce<Record<string, string>>(
    path,
    (kept) => DEMO_USERS.every(({ username }) => typeof kept[username] === 'string'),
    () => Object.fromEntries(DEMO_USERS.map(({ username }) => [username, makePassword()])),
  );
};

/** As long for a wrong password as for a right one. */
export const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const digest = (text: string): Buffer => scryptSync(text, 'demo', 32, { N: 1024 });
