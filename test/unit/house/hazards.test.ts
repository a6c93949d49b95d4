import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const log = readFileSync(join(root, 'docs/governance/hazard-log.md'), 'utf8');

/** DCB0129's matrix, as the log itself shows it. */
const RISKS: Readonly<Record<string, readonly number[]>> = {
  catastrophic: [3, 4, 4, 5, 5],
  major: [2, 3, 3, 4, 5],
  considerable: [2, 2, 3, 3, 4],
  significant: [1, 2, 2, 3, 4],
  minor: [1, 1, 2, 2, 3],
};
const LIKELIHOODS = ['very low', 'low', 'medium', 'high', 'very high'];

interface Hazard {
  readonly title: string;
  readonly text: string;
}

const hazards: readonly Hazard[] = log
  .split(/^### /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), text: text.split(/^## /m)[0]! }));

/** `before: major × high = 4`, read and calculated again. */
function risksOf({ text }: Hazard, when: 'before' | 'after') {
  const [, severity = '', likelihood = '', risk] = new RegExp(`^\\* ${when}: (\\w+) × ([\\w ]+) = (\\d)`, 'm').exec(text) ?? [];
  return { told: Number(risk), follows: RISKS[severity]?.[LIKELIHOODS.indexOf(likelihood)] };
}

/** Each control with the lines below it, up to the next. */
const controlsOf = ({ text }: Hazard): string[] => text.split(/^\* control: /m).slice(1);

const testsOf = (text: string): { file: string; name: string }[] =>
  [...text.matchAll(/^ {2}\* test: `([^`]+)` › (.+)$/gm)].map(([, file = '', name = '']) => ({ file, name }));

function isThere({ file, name }: { file: string; name: string }): boolean {
  try {
    return readFileSync(join(root, file), 'utf8').includes(`'${name}'`);
  } catch {
    return false;
  }
}

describe('the hazard log', () => {
  it('numbers each hazard once', () => {
    const numbers = hazards.map(({ title }) => /^H-\d\d/.exec(title)?.[0]);
    expect(numbers.length).toBeGreaterThan(10);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).not.toContain(undefined);
  });

  it.each(hazards.map((hazard) => [hazard.title, hazard] as const))('%s', (_title, hazard) => {
    for (const part of ['cause', 'effect']) expect(hazard.text).toMatch(new RegExp(`^\\* ${part}: .{10,}`, 'm'));
    for (const when of ['before', 'after'] as const) {
      const { told, follows } = risksOf(hazard, when);
      expect(follows, `${when}: severity and likelihood are of the scale`).toBeDefined();
      expect(told, `${when}: the risk follows from them`).toBe(follows);
    }
    const after = risksOf(hazard, 'after').told;
    expect(after).toBeLessThanOrEqual(3);
    if (after === 3) expect(hazard.text, 'a risk of 3 is taken with a reason').toMatch(/^\* after: .+ = 3\. .{20,}/m);
    const controls = controlsOf(hazard);
    expect(controls.length, 'it has controls').toBeGreaterThan(0);
    for (const control of controls) {
      const tests = testsOf(control);
      expect(tests.length, `a test proves: ${control.slice(0, 60)}`).toBeGreaterThan(0);
      expect(tests.filter((test) => !isThere(test))).toEqual([]);
    }
  });
});
