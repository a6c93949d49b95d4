import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyDocument } from '../../../infra/policy/document.ts';
import { problemsOfWords } from '../../../infra/policy/words.ts';
import { loadPolicies, policiesIn, validatePolicies } from '../../../shared/access/policy-set.ts';
import { texts } from './people.ts';

const rule = (id: string) => `// Says why.\n@id("${id}")\npermit (principal, action, resource);\n`;
const withFile = (text: string) => ({ ...texts, files: new Map([...texts.files, ['more', text]]) });

describe('the policies', () => {
  it('are valid against their schema', () => {
    expect(validatePolicies(texts)).toEqual([]);
  });

  it.each<[what: string, text: string, told: RegExp]>([
    ['what does not parse', 'permit (principal, action, resource', /more\.cedar: .+ at character \d+/],
    ['a rule without a name', 'permit (principal, action, resource);\n', /more\.cedar: rule 1: .*@id/],
    ['a second rule without a name', `${rule('first')}forbid (principal, action, resource);\n`, /more\.cedar: rule 2: .*@id/],
    ['a name that another rule has', rule('care-team'), /more\.cedar: rule 1: care\.cedar has a rule of the same name/],
  ])('do not start with %s, and say where', (_, text, told) => {
    expect(() => loadPolicies(withFile(text))).toThrow(told);
  });

  it.each<[what: string, text: string, told: RegExp]>([
    ['an unknown action', rule('more').replace('action,', 'action == Chesil::Action::"peep",'), /peep/],
    ['an unknown attribute', rule('more').replace(';', '\nwhen { principal.rank == "chief" };'), /rank/],
    [
      'a rule in the middle of a line',
      rule('more').replace('\n@id', '\n  @id').replace('\npermit', ' permit'),
      /more\.cedar: the rule more does not begin a line/,
    ],
  ])('are not valid with %s', (_, text, told) => {
    expect(validatePolicies(withFile(text)).join()).toMatch(told);
  });

  it('speak of nothing that there is not, and of everything that is marked', () => {
    expect(problemsOfWords(texts)).toEqual([]);
    const sensitive = texts.files.get('sensitive-sets')!.replace('"termination"', '"terminatoin"');
    const misspelt = new Map([...texts.files, ['sensitive-sets', sensitive], ['proxies', '']]);
    expect(problemsOfWords({ ...texts, files: misspelt })).toEqual([
      'sensitive-sets.cedar: the rule sensitive-sets speaks of terminatoin, which is nothing that there is',
      'no rule speaks of what is marked termination',
    ]);
  });

  it('have a version that changes with every character', () => {
    expect(loadPolicies(withFile('// nothing\n')).version).not.toBe(loadPolicies(texts).version);
    expect(loadPolicies({ ...texts, schema: `${texts.schema}\n` }).version).not.toBe(loadPolicies(texts).version);
  });

  it('are told in a document that says what they say, and would say otherwise if they did', () => {
    const told = readFileSync(resolve(import.meta.dirname, '../../../docs/governance/policy.md'), 'utf8');
    expect(policyDocument(texts)).toBe(told);
    const stricter = new Map([...texts.files].filter(([topic]) => topic !== 'clerical'));
    expect(policyDocument({ ...texts, files: stricter })).not.toBe(told);
    for (const { id } of policiesIn(texts)) expect(told).toContain(`**\`${id}\`**`);
  });

  it('each say in plain words what they are for, or there is no document', () => {
    const silent = rule('more').replace('// Says why.\n', '');
    expect(() => policyDocument(withFile(silent))).toThrow('more.cedar: the rule more has no comment above its name');
  });
});
