/** Reads an instant of the AWS JSON protocol: seconds since 1970, or ISO 8601. */
export function readInstant(value: unknown): Date | undefined {
  const instant = new Date(typeof value === 'number' ? value * 1000 : String(value));
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
