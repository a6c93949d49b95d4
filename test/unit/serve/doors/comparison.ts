import { expect } from 'vitest';
import type { HttpAnswer } from '../../../../shared/lambda/http.ts';

/** An opaque name of a version (20 characters of base32), or the version of a person (16 hexadecimal digits). */
const VERSION = /(?<![\w.-])(?:[a-z2-7]{20}|[0-9a-f]{16})(?![\w.-])/g;

/** Sealed page addresses differ by the sequence numbers in them; their length must not. */
const CURSOR = /_cursor=[\w-]+/g;

/** An answer with the text of page addresses left out. */
export const withoutCursors = ({ status, headers, body = '' }: HttpAnswer) => ({
  status,
  headers,
  body: body.replaceAll(CURSOR, (cursor) => `_cursor=${'.'.repeat(cursor.length)}`),
});

/**
 * Compares answers of two records, request by request. Names of versions are random to their reader, so what can be learnt of
 * them is which are the same: they are numbered in each record as they come up, and those numbers have to agree.
 */
export function createComparison() {
  const renamings = [createRenaming(), createRenaming()] as const;
  return (path: string, one: readonly HttpAnswer[], other: readonly HttpAnswer[]): void => {
    const [left, right] = [one, other].map((answers, index) => {
      const text = JSON.stringify(answers.map(withoutCursors));
      return JSON.parse(text.replaceAll(VERSION, renamings[index]!)) as unknown;
    });
    expect({ path, answers: left }).toEqual({ path, answers: right });
  };
}

function createRenaming(): (name: string) => string {
  const names = new Map<string, string>();
  return (name) => {
    const known = names.get(name) ?? `version-${names.size + 1}`;
    names.set(name, known);
    return known;
  };
}
