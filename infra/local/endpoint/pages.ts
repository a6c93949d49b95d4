import { type Input, refuseCall, type ServiceRefusal } from './service.ts';

const MOST_PER_PAGE = 100;

/**
 * One page of a list, as `Limit` and `NextToken` ask. A token names the last item of the page before, so that what is added or removed
 * meanwhile moves nothing.
 *
 * @param nameOf what items are named by, and ordered by if the list is ordered at all
 */
export function pageOf<T>(
  items: readonly T[],
  { Limit = MOST_PER_PAGE, NextToken }: Input,
  nameOf: (item: T) => string,
  member: string,
): Readonly<Record<string, unknown>> | ServiceRefusal {
  const limit = Number(Limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PER_PAGE)
    return refuseCall(
      'ValidationException',
      "1 validation error detected: Value at 'limit' failed to satisfy constraint: 1 to 100",
    );
  const ordered = [...items].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const after = NextToken === undefined ? undefined : Buffer.from(String(NextToken), 'base64url').toString();
  const rest = after === undefined ? ordered : ordered.filter((item) => nameOf(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return { [member]: page, ...(more ? { NextToken: Buffer.from(nameOf(last)).toString('base64url') } : {}) };
}
