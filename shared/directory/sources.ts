/** One system of an organisation, as the settings describe it and as functions find it in `sources.json`. */
export interface Source {
  readonly organisation: string;
  /** Short name within the organisation. */
  readonly name: string;
  /** Whether it traces NHS numbers (PDS): it alone can say that one number has superseded another. */
  readonly tracesNhsNumbers: boolean;
  /** Systems of the identifiers that name this organisation's patients, beside those of type MR. At most twenty. */
  readonly patientIdentifiers: readonly string[];
  /** False for a source that makes up new ids each time: its ids name nothing. */
  readonly stableIds: boolean;
  /** Address that its ids are relative to, absolute and without a slash at its end. */
  readonly base?: string;
}

/** The sources of a deployment. */
export interface Sources {
  /** A source of an organisation; one that no settings describe has the defaults. */
  byName(organisation: string, name: string): Source;
}

/** What holds for a source that no settings describe. */
export const SOURCE_DEFAULTS = { tracesNhsNumbers: false, patientIdentifiers: [], stableIds: true } as const;

/** @throws Error when an organisation has two sources of one name */
export function createSources(described: readonly Source[]): Sources {
  const keyOf = (organisation: string, name: string) => `${organisation}/${name}`;
  const byKey = new Map(described.map((source) => [keyOf(source.organisation, source.name), source]));
  if (byKey.size !== described.length) throw new Error('the settings describe a source twice');
  return {
    byName: (organisation, name) => byKey.get(keyOf(organisation, name)) ?? { organisation, name, ...SOURCE_DEFAULTS },
  };
}
