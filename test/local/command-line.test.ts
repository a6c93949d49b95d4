import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../infra/command-line.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const options = {
  head: { type: 'string', multiple: true, default: [] as string[] },
  data: { type: 'string', default: '.local' },
  bodies: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
const read = (...args: string[]) => readCommandLine({ options, args, allowPositionals: true });

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');
const hash = fc.array(fc.constantFrom(...BASE64URL), { minLength: 43, maxLength: 43 }).map((each) => each.join(''));

describe('the options of a command', () => {
  it('may have any hash as a value, also one that begins with hyphens', () => {
    const anyHash = fc.oneof(
      hash,
      hash.map((text) => `-${text.slice(1)}`),
      hash.map((text) => `--${text.slice(2)}`),
    );
    fc.assert(
      fc.property(fc.array(anyHash), anyHash, (heads, folder) => {
        const { values, positionals } = read(...heads.flatMap((each) => ['--head', each]), 'person', '--data', folder);
        expect(values).toMatchObject({ head: heads, data: folder, bodies: false });
        expect(positionals).toEqual(['person']);
      }),
    );
  });

  it.each([
    [['--head', '-'], { head: ['-'] }],
    [['--head=-7Qx', '--bodies'], { head: ['-7Qx'], bodies: true }],
    [['--data', ''], { data: '' }],
    [['--bodies', '--data', '--spare'], { bodies: true, data: '--spare' }],
    [['-h'], { help: true }],
  ])('%j is read', (args, values) => {
    expect(read(...args).values).toMatchObject(values);
  });

  it('end at a lone --', () => {
    expect(read('--bodies', '--', '--head', '-x')).toMatchObject({ values: { bodies: true }, positionals: ['--head', '-x'] });
  });

  it.each([
    [['--head'], '--head'],
    [['--head', '--bodies'], '--head'],
    [['--data', '-h'], '--data'],
    [['--hed', '-x'], "Unknown option '--hed'"],
  ])('%j is refused by name', (args, text) => {
    expect(() => read(...args)).toThrow(text);
  });

  it('are read in one place', () => {
    const files = ['infra', 'test'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    );
    const readers = files.filter((file) => file.endsWith('.ts') && /\bparseArgs\(/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(readers).toEqual(['infra/command-line.ts']);
  });
});
