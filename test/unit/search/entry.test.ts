import { describe, expect, it } from 'vitest';
import { entryOf } from '../../../shared/fhir/search/entry.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { PERSON, searchIn } from './record.ts';

const fragment = (fragmentId: string, body: string | undefined): Fragment => ({
  subject: PERSON,
  fragmentId,
  type: 'Observation',
  version: 1,
  action: body === undefined ? 'retracted' : 'created',
  hash: 'hash',
  section: 'findings',
  codes: [],
  labels: [],
  owner: 'uhd',
  source: 'main',
  sequence: 1,
  recordedAt: '2026-11-22T10:00:00.000Z',
  body,
});

describe('the entry of a fragment', () => {
  it('is the same for as long as the fragment is, with all that was read out of it', () => {
    const one = fragment('aaaaaaaaaaaaaaaa', '{"resourceType":"Observation","status":"final"}');
    const entry = entryOf(one);
    expect(entry.id).toBe(`${PERSON}.aaaaaaaaaaaaaaaa`);
    searchIn({ fragments: [entry], resolve: () => undefined }, 'Observation?status=final');
    expect(entryOf(one)).toBe(entry);
    expect(entry.indexed.size).toBeGreaterThan(0);
    expect(entryOf({ ...one })).not.toBe(entry);
  });

  it('is not read when another type is searched', () => {
    const broken = entryOf(fragment('bbbbbbbbbbbbbbbb', 'not read'));
    const { matches } = searchIn({ fragments: [broken], resolve: () => undefined }, 'Condition?code=1');
    expect(matches).toEqual([]);
    expect(() => broken.resource()).toThrow();
  });

  it('does not exist for what was retracted', () => {
    expect(() => entryOf(fragment('cccccccccccccccc', undefined))).toThrow('retracted');
  });
});
