/** What lets one member of staff look for a while, on their own word. Kept in the table `Oversight`, never changed. */
export interface Grant {
  /** 16 characters of base32: names it in the audit and in the review. */
  readonly id: string;
  readonly kind: 'claimed' | 'break-glass';
  /** The person whose record it opens. */
  readonly person: string;
  /** Who may look, as `Viewer.staff`; in this role and for this organisation alone. */
  readonly staff: string;
  readonly role: string;
  readonly organisation: string;
  /** ISO 8601 instants, UTC: from inclusive, until exclusive. */
  readonly from: string;
  readonly until: string;
  readonly reason: { readonly code: string; readonly text: string };
}
