import { z } from 'zod';
import { organisationId, type Tell, tellDoubles } from './shapes.ts';

export const privacyOffice = z.strictObject({
  organisation: organisationId,
  /** Told by e-mail too: that there is a task, and nothing of whom it is about. */
  email: z.email().optional(),
});

export const oversight = z.strictObject({
  /** Its privacy officers see the tasks of all organisations. */
  lead: organisationId,
});

export interface Oversight {
  readonly organisations: readonly { readonly id: string }[];
  readonly oversight: z.output<typeof oversight>;
  readonly privacyOffices: readonly z.output<typeof privacyOffice>[];
}

export function findOversightContradictions({ organisations, oversight, privacyOffices }: Oversight, tell: Tell): void {
  const known = new Set(organisations.map(({ id }) => id));
  if (!known.has(oversight.lead)) tell(['oversight', 'lead'], 'no organisation has this id');
  for (const [index, { organisation }] of privacyOffices.entries())
    if (!known.has(organisation)) tell(['privacyOffices', index, 'organisation'], 'no organisation has this id');
  tellDoubles(
    tell,
    'privacyOffices',
    'organisation',
    privacyOffices.map(({ organisation }) => organisation),
  );
}
