import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GRANT_TERMS } from '../../../shared/access/reasons.ts';
import { DAY_RULES, LOOK_RULES, OVERDUE_RULES } from '../../../shared/access/review/rules.ts';
import { REVIEW_OUTCOMES } from '../../../shared/access/review/task.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/governance/reviews.md'), 'utf8');

describe('docs/governance/reviews.md', () => {
  it.each([
    ['rule', [...LOOK_RULES, ...DAY_RULES, ...OVERDUE_RULES].map(({ name }) => name)],
    ['reason', Object.values(GRANT_TERMS).flatMap(({ reasons }) => Object.keys(reasons))],
    ['outcome', REVIEW_OUTCOMES],
  ])('explains every %s', (_, names) => {
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });

  it('gives the hours for which a grant stands', () => {
    for (const { defaultHours, maxHours } of Object.values(GRANT_TERMS))
      expect(page).toContain(`${defaultHours} hours, at most ${maxHours} (`);
  });
});
