import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GRANT_TERMS } from '../../../shared/access/reasons.ts';
import { DAY_RULES, LOOK_RULES, OVERDUE_RULES } from '../../../shared/access/review/rules.ts';
import { type Office, officeOf, TASK_KIND_NAMES, TASK_KINDS } from '../../../shared/access/review/task-kinds.ts';

const pageOf = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, `../../../docs/governance/${name}.md`), 'utf8');
const page = pageOf('reviews');

const kindsOf = (office: Office) => TASK_KIND_NAMES.filter((kind) => officeOf(kind) === office);
const outcomesOf = (office: Office) => kindsOf(office).flatMap((kind) => Object.keys(TASK_KINDS[kind].outcomes));

describe('docs/governance/reviews.md', () => {
  it.each([
    ['rule', [...LOOK_RULES, ...DAY_RULES, ...OVERDUE_RULES].map(({ name }) => name)],
    ['reason', Object.values(GRANT_TERMS).flatMap(({ reasons }) => Object.keys(reasons))],
    ['task', kindsOf('privacy')],
    ['outcome', outcomesOf('privacy')],
  ])('explains every %s', (_, names) => {
    for (const name of names) expect(page).toContain(`\`${name}\``);
  });

  it('gives the hours for which a grant stands', () => {
    for (const { defaultHours, maxHours } of Object.values(GRANT_TERMS))
      expect(page).toContain(`${defaultHours} hours, at most ${maxHours} (`);
  });
});

describe('docs/governance/records-office.md', () => {
  it('explains every task and every outcome', () => {
    for (const name of [...kindsOf('records'), ...outcomesOf('records')])
      expect(pageOf('records-office')).toContain(`\`${name}\``);
  });
});
