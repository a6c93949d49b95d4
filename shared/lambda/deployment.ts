import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Partnership } from '../access/access.ts';
import { createDirectory, type Directory } from '../directory/directory.ts';
import type { Provider } from '../directory/providers.ts';
import { createSources, type Sources } from '../directory/sources.ts';
import type { Channels } from '../signals/channels.ts';
import type { AgreedFeed } from '../signals/freshness.ts';

/** What of the settings lies beside a bundle, where `functions.ts` says so. `taskRoot` is the folder of the bundle, Lambda's `LAMBDA_TASK_ROOT`. */

/** Who the organisations are. @throws Error where they make no sense */
export const readDirectory = (taskRoot: string): Directory => createDirectory(read(taskRoot, 'directory.json'));

/** The systems of the organisations. @throws Error where one is described twice */
export const readSources = (taskRoot: string): Sources => createSources(read(taskRoot, 'sources.json'));

/** When what somebody states takes effect. Checked when the settings were. */
export const readAssertionTerms = (taskRoot: string): Pick<Partnership, 'uncontestedDays'> => read(taskRoot, 'assertions.json');

/** Who vouches for people who sign in. Checked when the settings were. */
export const readProviders = (taskRoot: string): readonly Provider[] => read(taskRoot, 'providers.json');

/** Where signals of each organisation may go. Checked when the settings were. */
export const readChannels = (taskRoot: string): readonly Channels[] => read(taskRoot, 'channels.json');

/** How often organisations have agreed to be heard from. Checked when the settings were. */
export const readFeeds = (taskRoot: string): readonly AgreedFeed[] => read(taskRoot, 'feeds.json');

const read = (taskRoot: string, name: string) => JSON.parse(readFileSync(join(taskRoot, name), 'utf8'));
