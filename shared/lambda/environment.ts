import * as z from 'zod/mini';

/** Environment variables by name, each present and not empty. */
export type Environment<Name extends string> = Readonly<Record<Name, string>>;

/**
 * Reads the variables that a function states in its `env.ts`, once, at cold start.
 * @throws Error naming every variable that is missing or empty, and no value.
 */
export function readEnvironment<const Name extends string>(names: readonly Name[], source = process.env): Environment<Name> {
  const schema = z.object(Object.fromEntries(names.map((name) => [name, z.string().check(z.minLength(1))])));
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data as Environment<Name>;
  const missing = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
  throw new Error(`environment variables are missing or empty: ${missing.join(', ')}`);
}
