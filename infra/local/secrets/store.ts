import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderProblem } from '../data-folder/fault.ts';
import { readJson, writeJson } from '../data-folder/json-file.ts';
import type { Secret } from './secret.ts';

/** Every secret: those of the template, and those that are made while the system runs. */
export interface SecretStore {
  all(): readonly Secret[];
  /** By ARN, name, or an ARN without the six random characters at its end. */
  find(id: unknown): Secret | undefined;
  /** Keeps a secret, new or changed: once this returns it is on disk. */
  keep(secret: Secret): void;
  remove(secret: Secret): void;
}

/**
 * Opens the store: one file for each secret, readable by the owner alone, replaced as a whole.
 *
 * @param folder holds what is made while the system runs
 * @param fixed secrets of the template
 */
export function openSecretStore(folder: string, fixed: readonly Secret[], now: () => number): SecretStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = new Map(readAll(folder).map((secret) => [secret.name, secret]));
  const pathOf = ({ name }: Secret) => join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`);
  const remove = (secret: Secret): void => {
    rmSync(pathOf(secret), { force: true });
    made.delete(secret.name);
  };
  const dropOverdue = (): void => {
    for (const secret of made.values()) if (secret.deletedAt !== undefined && secret.deletedAt <= now()) remove(secret);
  };
  const all = (): readonly Secret[] => {
    dropOverdue();
    return [...fixed, ...made.values()];
  };
  return {
    all,
    find: (id) => all().find(({ arn, name }) => id === arn || id === name || isPartialArn(String(id), arn)),
    keep(secret) {
      writeJson(pathOf(secret), secret);
      made.set(secret.name, secret);
    },
    remove,
  };
}

const readAll = (folder: string): Secret[] =>
  readdirSync(folder)
    // What a crash left unfinished ends otherwise.
    .filter((file) => file.endsWith('.json'))
    .map((file) => readSecret(join(folder, file)));

function readSecret(path: string): Secret {
  const found = readJson(path) as Partial<Secret> | null | undefined;
  if (typeof found?.arn !== 'string' || typeof found.name !== 'string' || !Array.isArray(found.versions))
    throw new DataFolderProblem(path, 'damaged');
  return found as Secret;
}

/** An ARN without the six random characters that Secrets Manager adds. */
const isPartialArn = (id: string, arn: string): boolean => id.startsWith('arn:') && arn.slice(0, -7) === id;
