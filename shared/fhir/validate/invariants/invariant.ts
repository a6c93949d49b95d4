import type { OutcomeCode } from '../../outcomes.ts';

/** An element as it was sent: nothing about it is certain, since invariants are judged even where the structure is wrong. */
export type Json = Readonly<Record<string, unknown>>;

/** A rule between elements, by hand after the FHIRPath of the specification. */
export interface Invariant {
  /** Key of the specification (`obs-6`), or a name of ours. */
  readonly key: string;
  /** Type or path of the element that it is judged on. */
  readonly on: string;
  /** Whether it holds. What has the wrong form is not its business. */
  readonly check: (element: Json) => boolean;
  /** What is wrong and what to do. Static: never what was sent. */
  readonly text: string;
  /** The element below `on` that is to blame. */
  readonly at?: string;
  /** By default `invariant`. */
  readonly code?: OutcomeCode;
}
