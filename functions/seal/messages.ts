/** Lines of the log that an alarm waits for (`infra/constructs/observing`): somebody has tampered. */
export const TAMPERING = {
  entries: 'entries of the audit were changed or removed',
  links: 'links of the chain are not what was written',
} as const;
