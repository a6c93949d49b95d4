import { join } from 'node:path';
import { type Access, createAccess } from '../access/access.ts';
import type { Redacting } from '../access/deciding/redacting.ts';
import { loadPolicies, readPolicies } from '../access/policy-set.ts';
import type { Directory } from '../directory/directory.ts';
import type { Sources } from '../directory/sources.ts';
import { readAssertionTerms, readDirectory, readSources } from './deployment.ts';

/** What lies beside the bundle of a function that decides about access. */
export interface Beside {
  readonly directory: Directory;
  readonly sources: Sources;
  readonly access: Access;
}

/**
 * Reads what lies beside a bundle: the organisations, their systems, and the access policies.
 * @param taskRoot the folder of the bundle, Lambda's `LAMBDA_TASK_ROOT`
 * @param redacting makes the copies in which something is left out: for functions that show bodies
 * @throws Error naming what does not parse: nothing may start without its policies
 */
export function readBeside(taskRoot: string, redacting?: Redacting): Beside {
  const directory = readDirectory(taskRoot);
  const policies = loadPolicies(readPolicies(join(taskRoot, 'policies')));
  const sources = readSources(taskRoot);
  const partnership = { directory, sources, ...readAssertionTerms(taskRoot) };
  return { directory, sources, access: createAccess(policies, partnership, redacting) };
}
