import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPolicies, validatePolicies } from '../../shared/access/policy-set.ts';
import { policyDocument } from './document.ts';
import { problemsOfWords } from './words.ts';

const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const POLICIES = place('shared/access/policies');
export const DOCUMENT = place('docs/governance/policy.md');

/** What is wrong with the policies, or with the document that tells of them. */
export function problemsOfPolicies(): readonly string[] {
  const texts = readPolicies(POLICIES);
  const invalid = [...validatePolicies(texts), ...problemsOfWords(texts)];
  if (invalid.length > 0) return invalid;
  const isCurrent = readFileSync(DOCUMENT, 'utf8') === policyDocument(texts);
  return isCurrent ? [] : ['docs/governance/policy.md does not say what the policies say: run `npm run policy`'];
}
