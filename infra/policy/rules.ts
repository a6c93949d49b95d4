import { type PolicyTexts, policiesIn } from '../../shared/access/policy-set.ts';

/** A rule as a reader of the document meets it. */
export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Its comment, as one paragraph. */
  readonly comment: string;
}

/** Rules under the name of their file, in order. */
export type Topics = ReadonlyMap<string, readonly Rule[]>;

/** Comment, name and effect, as every rule is written. */
const RULE = /((?:^\/\/.*\n)+)@id\("([a-z-]+)"\)\n(permit|forbid) \(/gm;

/** @throws Error naming the rule that says nothing of itself: nobody could check whether it means what it should. */
export function topicsOf(texts: PolicyTexts): Topics {
  const topics = new Map([...texts.files].map(([topic, text]) => [topic, [...text.matchAll(RULE)].map(ruleOf)]));
  const told = new Set([...topics.values()].flat().map(({ id }) => id));
  const silent = policiesIn(texts).find(({ id }) => !told.has(id));
  if (silent !== undefined) throw new Error(`${silent.topic}.cedar: the rule ${silent.id} has no comment above its name`);
  return topics;
}

const ruleOf = ([, comment, id, effect]: readonly string[]): Rule => ({
  id: id!,
  effect: effect as Rule['effect'],
  comment: comment!
    .replaceAll(/^\/\/ ?/gm, '')
    .trim()
    .replaceAll('\n', ' '),
});
