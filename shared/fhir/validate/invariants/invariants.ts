import { CARRIERS } from './carriers.ts';
import { CLINICAL } from './clinical.ts';
import { DATA_TYPES } from './data-types.ts';
import { DEFINITIONS } from './definitions.ts';
import type { Invariant } from './invariant.ts';
import { WORKFLOW } from './workflow.ts';

/** Every invariant that is checked by a rule. A few more are part of the walk: ele-1, dom-2, dom-3, ref-1. */
export const INVARIANTS: readonly Invariant[] = [...DATA_TYPES, ...CARRIERS, ...CLINICAL, ...WORKFLOW, ...DEFINITIONS];

const NONE: readonly Invariant[] = [];
const byElement = Map.groupBy(INVARIANTS, ({ on }) => on);

/** The invariants of a type or nested element, those of its base type not among them. */
export const invariantsOf = (element: string): readonly Invariant[] => byElement.get(element) ?? NONE;
