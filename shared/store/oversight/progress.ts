import { contentOf, type OversightTable, putAll, readRange } from './items.ts';

/** How far something has been looked over. */
export type Reviewed = 'looks' | 'days';

/** A member of staff who looked at something on a day, with the first such look that was seen. */
export interface ActiveStaff {
  readonly staff: string;
  readonly name?: string;
  readonly role: string;
}

/** How far the review of the audit has come. Each step stands beside the one before: the last counts. */
export interface Progress {
  /** @returns what was noted last; `undefined` when nothing was */
  last(what: Reviewed, organisation: string): Promise<string | undefined>;
  /** @param upTo grows from step to step, as texts are compared */
  note(what: Reviewed, organisation: string, upTo: string): Promise<void>;
  /** Remembers who was active on a day. Whoever is remembered already stays as they are. */
  remember(organisation: string, day: string, staff: ActiveStaff): Promise<void>;
  active(organisation: string, day: string): Promise<readonly ActiveStaff[]>;
}

export function createProgress(oversight: OversightTable): Progress {
  return {
    last: async (what, organisation) => {
      for await (const [item] of readRange(oversight, {
        subject: `progress#${what}#${organisation}`,
        newestFirst: true,
        limit: 1,
      }))
        return item?.item?.S;
      return undefined;
    },
    note: async (what, organisation, upTo) => {
      await putAll(oversight, [{ subject: `progress#${what}#${organisation}`, item: upTo, kind: 'progress', content: {} }]);
    },
    remember: async (organisation, day, active) => {
      await putAll(oversight, [
        { subject: `active#${organisation}#${day}`, item: active.staff, kind: 'active', content: active },
      ]);
    },
    active: async (organisation, day) => {
      const staff: ActiveStaff[] = [];
      for await (const page of readRange(oversight, { subject: `active#${organisation}#${day}` }))
        staff.push(...page.map((item) => contentOf<ActiveStaff>(item)));
      return staff;
    },
  };
}
