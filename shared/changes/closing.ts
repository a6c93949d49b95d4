import type { ChangeEvent } from './envelope.ts';

/**
 * Changes that close a record to others. Whoever could see it until then hears of them, and of nothing after: so they tell the name and the person, and neither
 * who said so nor in which fragment.
 */
const CLOSING: ReadonlySet<string> = new Set(['opt-out-changed', 'restricted-flag-set']);

/** Whether a change of this name closes a record. */
export const closesRecord = (name: string): boolean => CLOSING.has(name);

/** The name in the type of an event: `admitted` of `uk.chesil.admitted.1`. */
export const changeNameOf = ({ type }: Pick<ChangeEvent, 'type'>): string => type.split('.').at(-2) ?? '';
