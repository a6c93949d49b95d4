import { type Refusal, refuse } from '../../outcomes.ts';
import type { MatchOptions } from '../matching/match.ts';
import type { Criterion } from '../plan.ts';

/** How a value is read, and where problems are said to be. */
export interface CriterionOptions extends MatchOptions {
  /** Expression of the parameter as it was sent, such as `Observation?date`. */
  readonly at: string;
  /**
   * Conditions of chains that were compiled before, by type and name: a reference may point at any of a hundred types,
   * and so may theirs.
   */
  readonly chained: Map<string, Criterion | Unread>;
}

/** A parameter that the type does not have, or whose value or modifier cannot be understood. */
export type Unread = 'unknown' | Refusal;

/** Compiles the condition at the end of a chain. */
export type CompileLink = (type: string, name: string, value: string, depth: number) => Criterion | Unread;

export const isCriterion = (compiled: Criterion | Unread): compiled is Criterion =>
  typeof compiled === 'object' && 'test' in compiled;

export const noModifier = ({ at }: CriterionOptions): Refusal =>
  refuse('unknown-parameter', { expression: at, diagnostics: 'This parameter does not take this modifier.' });

export const unreadable = ({ at }: CriterionOptions, diagnostics?: string): Refusal =>
  refuse('bad-parameter', { expression: at, ...(diagnostics === undefined ? {} : { diagnostics }) });
