import { z } from 'zod';
import { isOrganisationId } from '../../shared/record/identity.ts';

/** What several settings look like. */
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2020-10-01');
export const dates = { from: day.optional(), to: day.optional() };
export const organisationId = z.string().refine(isOrganisationId, 'a slug of 2 to 20 characters such as uhd');
export const accountId = z.string().regex(/^\d{12}$/, 'an AWS account id of 12 digits');
/** Names an app client in the user pool, and a construct in the stacks. */
export const clientName = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'a slug of 2 to 40 characters');

/** Says where in the settings something cannot be, and why. */
export type Tell = (path: PropertyKey[], message: string) => void;

/** Index of each value that was there before, with where it was first. */
export function doubles(values: readonly string[]): [index: number, first: number][] {
  const firsts = new Map<string, number>();
  return values.flatMap((value, index): [number, number][] => {
    const first = firsts.get(value);
    if (first === undefined) firsts.set(value, index);
    return first === undefined ? [] : [[index, first]];
  });
}

/** Says of each value that was there before where it was first. */
export function tellDoubles(tell: Tell, list: string, field: string, values: readonly string[]): void {
  for (const [index, at] of doubles(values)) tell([list, index, field], `is also that of ${list}[${at}]`);
}
