import { contentOf, type OversightTable, putAll, readRange } from './items.ts';

/** Which person a member of staff is, as a privacy officer of their organisation has entered it. */
export interface StaffPerson {
  readonly person: string;
  /** As `Viewer.staff`. */
  readonly staff: string;
  readonly organisation: string;
  /** ISO 8601 instants, UTC: from inclusive, until exclusive. */
  readonly from: string;
  readonly until: string;
}

/** Staff who are known as persons too. Entries end; none is changed. */
export interface StaffRegister {
  put(entry: StaffPerson): Promise<void>;
  /** Everybody of an organisation whose entry has not ended at an instant. */
  of(organisation: string, at: string): Promise<readonly StaffPerson[]>;
}

export function createStaffRegister(oversight: OversightTable): StaffRegister {
  return {
    put: async (entry) => {
      const { organisation, until, person, staff } = entry;
      await putAll(oversight, [
        { subject: `staff#${organisation}`, item: `${until}#${person}#${staff}`, kind: 'staff', content: entry },
      ]);
    },
    of: async (organisation, at) => {
      const entries: StaffPerson[] = [];
      for await (const page of readRange(oversight, { subject: `staff#${organisation}`, from: at }))
        entries.push(...page.map((item) => contentOf<StaffPerson>(item)).filter(({ until }) => at < until));
      return entries;
    },
  };
}
