/** What operators put on the bus, and rules wait for: on one machine and on AWS alike. */
const SOURCE = 'chesil.operations';

/** Has the audit reviewed at once: `npm run review`. */
export const REVIEW_ASKED = { source: SOURCE, detailType: 'review-asked' } as const;

/** Has dead letters of a subscription told again: `npm run redrive`. Its detail says which `subscription`. */
export const REDRIVE_ASKED = { source: SOURCE, detailType: 'redrive-asked' } as const;
