import { join } from 'node:path';
import { type Access, createAccess } from '../access/access.ts';
import type { Redacting } from '../access/deciding/redacting.ts';
import { loadPolicies, readPolicies } from '../access/policy-set.ts';
import type { Directory } from '../directory/directory.ts';
import { readDirectory } from './deployment.ts';

/**
 * What lies beside a bundle: who the organisations are, and who may see what.
 * @param taskRoot the folder of the bundle, Lambda's `LAMBDA_TASK_ROOT`
 * @param redacting makes the copies in which something is left out: for functions that show bodies
 * @throws Error naming what does not parse: nothing may start without its policies
 */
export function readBeside(taskRoot: string, redacting?: Redacting): { readonly directory: Directory; readonly access: Access } {
  const directory = readDirectory(taskRoot);
  return { directory, access: createAccess(loadPolicies(readPolicies(join(taskRoot, 'policies'))), directory, redacting) };
}
