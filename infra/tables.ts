/** What a table is, wherever it is made: by the templates, and by tests that need an engine and nothing else. */
export interface TableShape {
  /** Attributes of the key, both texts. */
  readonly partition: string;
  readonly sort: string;
  /** Further ways in: the attribute that each index has for its partition. All are sorted as the table is, and hold keys alone. An item without the attribute is not in it. */
  readonly indexes?: Readonly<Record<string, string>>;
  /** Whether what is written is handed on: new images, in order per partition. */
  readonly streams?: boolean;
  /** Attribute that says, in seconds, when an item expires. */
  readonly expiry?: string;
  /** Whether nobody, not even an administrator, may change or remove an item. */
  readonly appendOnly?: boolean;
}

/** The tables of the system. Each only ever grows but for `Record`, where compaction tidies. */
export const TABLES = {
  /** Contributions, snapshots, aliases (`shared/store/table`). What expires are answers remembered for an Idempotency-Key and slots that compaction leaves. */
  Record: { partition: 'subject', sort: 'item', streams: true, expiry: 'expiresAt' },
  /** Every look at a record (`shared/store/audit.ts`). */
  Audit: {
    partition: 'person',
    sort: 'access',
    indexes: { byOrganisation: 'organisation', byStaff: 'staff' },
    streams: true,
    appendOnly: true,
  },
  /** The links that prove that no look was changed or removed since (`shared/store/chain`). */
  AuditChain: { partition: 'day', sort: 'link', appendOnly: true },
  /** Grants of access on somebody's own word, review tasks with their outcomes, the watch-list (`shared/store/oversight`). */
  Oversight: { partition: 'subject', sort: 'item', streams: true, appendOnly: true },
  /** Subscriptions, what each is still to hear and has heard, panels, how fresh feeds are (`shared/store/signals`). */
  Signals: {
    partition: 'of',
    sort: 'item',
    indexes: { byKind: 'kind', byOrganisation: 'organisation' },
    expiry: 'expiresAt',
  },
} as const satisfies Record<string, TableShape>;

export type TableName = keyof typeof TABLES;
