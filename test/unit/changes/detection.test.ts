import { describe, expect, it } from 'vitest';
import { CATALOGUE, CHANGE_NAMES, type ChangeName } from '../../../shared/changes/catalogue.ts';
import { CASES } from './cases/cases.ts';
import { lastOf } from './told.ts';

const rows = CHANGE_NAMES.filter((name) => CATALOGUE[name].raisedBy.some(({ on }) => on !== 'outside'));
const storiesOf = (kind: 'raises' | 'misses') =>
  Object.entries(CASES).flatMap(([name, each]) =>
    Object.entries(each[kind]).map(([title, story]) => [name as ChangeName, title, story] as const),
  );

describe('every row of the catalogue', () => {
  it('has a case that raises it, and a near miss', () => {
    expect(Object.keys(CASES).sort()).toEqual([...rows].sort());
    for (const { raises, misses } of Object.values(CASES)) {
      expect(Object.keys(raises)).not.toEqual([]);
      expect(Object.keys(misses)).not.toEqual([]);
    }
  });

  it.each(storiesOf('raises'))('%s: is raised: %s', (name, _title, story) => {
    expect(lastOf(...story).names.filter((each) => each === name)).toEqual([name]);
  });

  it.each(storiesOf('misses'))('%s: is not raised: %s', (name, _title, story) => {
    expect(lastOf(...story).names).not.toContain(name);
  });
});

describe('whatever is told', () => {
  const all = [...storiesOf('raises'), ...storiesOf('misses')];

  it.each(all)('names a fragment, or a link, and tells D beside nothing else: %s, %s', (_name, _title, story) => {
    const { changes } = lastOf(...story);
    for (const change of changes) expect('fragment' in change || 'link' in change).toBe(true);
    for (const { what, name } of changes)
      if (CATALOGUE[name].urgency === 'D') expect(changes.filter((other) => other.what === what)).toHaveLength(1);
    expect(new Set(changes.map(({ name, what }) => `${name} ${what}`)).size).toBe(changes.length);
  });
});
