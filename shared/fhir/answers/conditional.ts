/** What identifies the state of an answer. */
export interface State {
  readonly versionId: string;
  /** ISO 8601 instant. */
  readonly lastUpdated: string;
}

/** `ETag` and `Last-Modified` of a state (http://hl7.org/fhir/R4/http.html#read). */
export const stateHeaders = ({ versionId, lastUpdated }: State): Record<string, string> => ({
  etag: `W/"${versionId}"`,
  'last-modified': new Date(lastUpdated).toUTCString(),
});

/**
 * Whether the caller has this state already (304): RFC 9110, sections 13.1.2 and 13.1.3. ETags are compared weakly, and are read as partners write them: `W/"3"`,
 * `"3"` and `3`. `If-Modified-Since` counts only without `If-None-Match`, and a date that cannot be read does not count.
 */
export function isKnownAlready(
  headers: Readonly<Record<string, string | undefined>>,
  { versionId, lastUpdated }: State,
): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    return tags.split(',').some((tag) => {
      const named = tag.trim();
      return named === '*' || named.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') === versionId;
    });
  }
  const sinceMs = Date.parse(headers['if-modified-since'] ?? '');
  // HTTP dates have whole seconds.
  return Math.floor(Date.parse(lastUpdated) / 1_000) * 1_000 <= sinceMs;
}
