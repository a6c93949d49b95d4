import type { Marking } from '../../shared/access/facts/sensitive-sets.ts';
import { type PolicyTexts, policiesIn } from '../../shared/access/policy-set.ts';
import { RELATIONSHIPS } from '../../shared/access/relationships.ts';
import { ROLES } from '../../shared/access/roles.ts';
import { SECTIONS } from '../../shared/fhir/sections.ts';

/** What may make a fragment sensitive, in the words of readers. */
export const MARKINGS: Readonly<Record<Marking | 'sealed', string>> = {
  sti: 'sexually transmitted infection',
  termination: 'termination of pregnancy',
  'assisted-conception': 'assisted conception',
  'gender-recognition': 'gender recognition',
  restricted: 'labelled restricted (R)',
  'very-restricted': 'labelled very restricted (V)',
  'unknown-label': 'labelled with what nobody here can read',
  'third-party': 'told by or about somebody else',
  'child-protection': 'child protection',
  sealed: 'sealed by the person',
};

/** Every word that a rule can be about. */
const WORDS: ReadonlySet<string> = new Set([
  ...Object.entries(ROLES).flatMap(([role, { purposes }]) => [role, ...purposes]),
  ...Object.keys(SECTIONS),
  ...Object.keys(RELATIONSHIPS),
  ...Object.keys(MARKINGS),
  ...['self', 'proxy', 'claimed', 'break-glass'],
  ...['organisation', 'records-office'],
]);

/**
 * Words in rules that mean nothing, and markings that no rule speaks of. Cedar cannot tell them: to it a word is a text, and one that is misspelt in a rule
 * that forbids would open what it should hide.
 */
export function problemsOfWords(texts: PolicyTexts): readonly string[] {
  const rules = policiesIn(texts).map(({ id, topic, text }) => ({ id, topic, words: wordsIn(text) }));
  const unknown = rules.flatMap(({ id, topic, words }) =>
    words
      .filter((word) => !WORDS.has(word))
      .map((word) => `${topic}.cedar: the rule ${id} speaks of ${word}, which is nothing that there is`),
  );
  const told = new Set(rules.flatMap(({ words }) => words));
  const silent = Object.keys(MARKINGS).filter((marking) => !told.has(marking));
  return [...unknown, ...silent.map((marking) => `no rule speaks of what is marked ${marking}`)];
}

/** Texts of a rule, without its name and the names of actions, which Cedar checks itself. */
const wordsIn = (rule: string): readonly string[] =>
  [...rule.replaceAll(/\/\/.*|@id\("[^"]*"\)|::"[^"]*"/g, '').matchAll(/"([^"]*)"/g)].map(([, word]) => word!);
