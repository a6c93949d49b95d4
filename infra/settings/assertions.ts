import { z } from 'zod';

/** When what somebody states about a person takes effect, where that is for a deployment to say. */
export const assertions = z
  .strictObject({
    /** Days after which a claim to be the registered practice that nobody contests is settled. */
    uncontestedDays: z.int().min(1).max(365),
  })
  .prefault({ uncontestedDays: 14 });
