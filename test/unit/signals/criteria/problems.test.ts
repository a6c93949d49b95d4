import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECTIONS } from '../../../../shared/fhir/sections.ts';
import { compileCriteria } from '../../../../shared/signals/criteria/compile.ts';
import { hasProblems } from '../../../../shared/signals/criteria/criteria.ts';
import { issuesOfCriteria } from '../../../../shared/signals/criteria/telling.ts';
import { DIRECTORY } from './arbitrary.ts';

const issues = (text: string) => {
  const result = compileCriteria(text, { organisation: 'council', directory: DIRECTORY });
  return hasProblems(result) ? issuesOfCriteria(text, result.problems) : [];
};
const told = (text: string) => issues(text).map(({ diagnostics }) => diagnostics);

describe('criteria that cannot be read', () => {
  it('are shown where', () => {
    expect(issues("urgency='A' AND eventType='fragment-create'")).toEqual([
      {
        code: 'bad-criteria',
        expression: 'Subscription.criteria',
        diagnostics: [
          'There is no such event type. Did you mean fragment-created? docs/events.md lists them. At character 27:',
          "urgency='A' AND eventType='fragment-create'",
          '                          ^',
        ].join('\n'),
      },
    ]);
  });

  it.each([
    ["eventtype='persons-linked'", 1, 'There is no such field. Did you mean eventType?'],
    ["eventType='pds-change-of-gp-2'", 11, 'There is no such event type. docs/events.md'],
    ["eventType='persons-linked-7'", 11, 'This event type has no such version: it is told in version 1.'],
    ["eventType='__proto__'", 11, 'There is no such event type.'],
    ["eventType='constructor-1'", 11, 'There is no such event type.'],
    ["__proto__='x'", 1, 'There is no such field.'],
    ["source='RZZ'", 8, 'No partner has this ODS code'],
    ["source='nort'", 8, 'Did you mean north?'],
    ["generalpractitioner='The Surgery'", 21, 'A practice is named by its ODS code'],
    ["urgency='E'", 9, 'The urgencies are A, B, C and D.'],
    ["section='allergy'", 9, 'No section of the record has this name.'],
    ["urgency='A", 9, 'This quote is not closed.'],
    ["urgency='A' AND (section='allergies'", 17, 'This bracket is not closed.'],
    ["urgency='A')", 12, 'This bracket closes none.'],
    ["urgency='A' section='allergies'", 13, 'AND or OR is missing here.'],
    ["urgency='A' AND", 16, 'The criteria end'],
    ["AND urgency='A'", 1, "Here field='value' is missing."],
    ['()', 2, "Before this bracket, field='value' is missing."],
    ["urgency 'A'", 9, '= is missing here'],
    ['urgency=', 9, 'The value is missing here'],
    ["urgency=AND section='allergies'", 9, 'The value is missing here'],
    ["urgency!='A'", 8, 'Only = compares'],
    ["urgency='A' & section='allergies'", 13, 'This character stands for nothing here.'],
    ["'A'=urgency", 1, "Here field='value' is missing."],
    ["person='9990001112'", 8, "person='Group/<id>'"],
    ["person='Group/a' OR urgency='A'", 1, 'person can only be joined to the whole by AND'],
    ["person='Group/a' AND person='Group/b'", 22, 'Only one Group can be named.'],
    ["urgency='A' AND (person='Group/a' OR section='allergies')", 18, 'person can only be joined'],
    [`${'('.repeat(33)}urgency='A'${')'.repeat(33)}`, 33, 'Brackets nest deeper than 32.'],
    ['', 1, 'The criteria end'],
  ])('%s: character %i, %s', (text, character, says) => {
    const [first] = told(text);
    expect(first).toContain(says);
    expect(first).toContain(`At character ${character}:`);
  });

  it('are told of all at once', () => {
    expect(told("urgenc='A' AND eventType='x' AND section='y'")).toHaveLength(3);
  });

  it('point at the place within long text', () => {
    const text = `${"urgency='A' OR ".repeat(20)}urgency='Z' OR ${"urgency='B' OR ".repeat(20)}urgency='C'`;
    const [, excerpt, caret] = told(text)[0]!.split('\n');
    expect(excerpt!.slice(caret!.indexOf('^'))).toMatch(/^'Z' OR/);
    expect(excerpt).toMatch(/^\.\.\..*\.\.\.$/);
  });

  it('can be of any length', () => {
    expect(issues("urgency='A' OR ".repeat(700))).toMatchObject([
      { code: 'criteria-too-long', diagnostics: expect.stringContaining('At character 2001:\n...') },
    ]);
    expect(issues('('.repeat(1_990))).toMatchObject([{ code: 'bad-criteria' }]);
  });

  it('can be too much for one rule', () => {
    const pairs = Object.keys(SECTIONS).map(
      (section, index) => `section=${section} AND generalpractitioner=J${100_000_000 + index}`,
    );
    expect(issues(pairs.slice(0, 20).join(' OR '))).toEqual([]);
    expect(issues(pairs.join(' OR '))).toMatchObject([{ code: 'criteria-too-complex' }]);
    const anyOf = (index: number) => `(generalpractitioner=J${1000 + index} OR section=allergies OR urgency=A OR source=RB0)`;
    expect(issues(Array.from({ length: 20 }, (_, index) => anyOf(index)).join(' AND '))).toEqual([]);
  });

  it('can never hold', () => {
    expect(told("eventType='fragment-created' AND eventType='fragment-updated'")[0]).toMatch(/can never hold/);
  });

  it('never stop the parser, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const { diagnostics } of issues(text)) expect(diagnostics).toMatch(/^[\x20-\x7e\n]+$/);
      }),
      { numRuns: 2_000 },
    );
    const pieces = fc.constantFrom(
      '(',
      ')',
      ' AND ',
      ' or ',
      "urgency='A'",
      "'",
      '"',
      '=',
      'person=Group/x',
      "eventType='x'",
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(Array.isArray(issues(parts.join('')))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
