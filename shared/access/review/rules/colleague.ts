import type { LookRule } from '../look.ts';

/** Known only of staff whom a privacy officer has entered. */
export const colleague: LookRule = {
  name: 'colleague',
  title: 'Somebody looked at the record of a colleague',
  finds: ({ staff }, facts) => facts.colleague !== undefined && facts.colleague !== staff,
};
