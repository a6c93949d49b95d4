import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** Every module of the house with what it imports: paths for our own, names for packages. */
const modules = new Map(['shared', 'functions', 'infra'].flatMap(filesBelow).map((file) => [file, importsOf(file)] as const));

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(root, path)).isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map(([, typeOnly, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    return {
      target: name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
      typeOnly: typeOnly !== undefined,
    };
  });
}

const roomOf = (file: string) => file.split('/').slice(0, 2).join('/');
const inside = (...rooms: string[]) => [...modules].filter(([file]) => rooms.includes(roomOf(file)));

describe('the walls of the house', () => {
  it('keeps AWS out of the record, of access and of changes, however far their imports reach', () => {
    const reach = (file: string, seen = new Set<string>()): Set<string> => {
      for (const { target, typeOnly } of modules.get(file) ?? []) {
        if (typeOnly || seen.has(target)) continue;
        seen.add(target);
        reach(target, seen);
      }
      return seen;
    };
    const breaches = inside('shared/record', 'shared/access', 'shared/changes').flatMap(([file]) =>
      [...reach(file)].filter((target) => /^(@aws|@smithy|aws-)/.test(target)).map((target) => `${file} reaches ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it('lets only the store know DynamoDB', () => {
    const allowed = /^(shared\/store|infra)\//;
    const breaches = [...modules]
      .filter(([file]) => !allowed.test(file) && !file.endsWith('/handler.ts'))
      .filter(([, imports]) => imports.some(({ target, typeOnly }) => target === '@aws-sdk/client-dynamodb' && !typeOnly))
      .map(([file]) => file);
    expect(breaches).toEqual([]);
  });

  it('keeps functions apart from each other', () => {
    const breaches = [...modules].flatMap(([file, imports]) =>
      imports
        .filter(
          ({ target }) => file.startsWith('functions/') && target.startsWith('functions/') && roomOf(target) !== roomOf(file),
        )
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it('lets nothing shared depend on a function or on the infrastructure', () => {
    const breaches = [...modules].flatMap(([file, imports]) =>
      imports
        .filter(({ target }) => file.startsWith('shared/') && /^(functions|infra|test)\//.test(target))
        .map(({ target }) => `${file} imports ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it('has no circles', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (path.includes(file) || done.has(file)) return;
      for (const { target, typeOnly } of modules.get(file) ?? [])
        if (!typeOnly && modules.has(target)) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of modules.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });

  it('constructs clients only in handlers', () => {
    const breaches = [...modules.keys()].filter(
      (file) =>
        /^(functions|shared)\//.test(file) &&
        !file.endsWith('/handler.ts') &&
        /new \w+Client\(/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(breaches).toEqual([]);
  });

  it('never asks whether it runs on one machine', () => {
    const breaches = [...modules.keys()].filter(
      (file) =>
        /^(functions|shared)\//.test(file) &&
        /IS_LOCAL|isLocal|IS_OFFLINE|AWS_SAM_LOCAL|NODE_ENV/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(breaches).toEqual([]);
  });
});
