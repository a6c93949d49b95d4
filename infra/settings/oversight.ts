import { z } from 'zod';
import { organisationId, type Tell, tellDoubles } from './shapes.ts';

/** A privacy office, or a records office. */
export const office = z.strictObject({
  organisation: organisationId,
  /** Told by e-mail too: that there is a task, and nothing of whom it is about. */
  email: z.email().optional(),
});

export const oversight = z.strictObject({
  /** Its privacy officers and its records officers see the tasks of all organisations. */
  lead: organisationId,
});

export interface Oversight {
  readonly organisations: readonly { readonly id: string }[];
  readonly oversight: z.output<typeof oversight>;
  readonly privacyOffices: readonly z.output<typeof office>[];
  readonly recordsOffices: readonly z.output<typeof office>[];
}

export function findOversightContradictions(settings: Oversight, tell: Tell): void {
  const known = new Set(settings.organisations.map(({ id }) => id));
  if (!known.has(settings.oversight.lead)) tell(['oversight', 'lead'], 'no organisation has this id');
  for (const setting of ['privacyOffices', 'recordsOffices'] as const) {
    const organisations = settings[setting].map(({ organisation }) => organisation);
    for (const [index, organisation] of organisations.entries())
      if (!known.has(organisation)) tell([setting, index, 'organisation'], 'no organisation has this id');
    tellDoubles(tell, setting, 'organisation', organisations);
  }
}
