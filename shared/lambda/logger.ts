import { Logger } from '@aws-lambda-powertools/logger';

/** Everything that a log line may hold beside its static message. A field that is not here cannot be logged. */
export interface LogFields {
  readonly requestId?: string;
  readonly method?: string;
  /** The resource of API Gateway, such as `/R4/{type}/{id}`: never the path, which holds ids. */
  readonly route?: string;
  readonly status?: number;
  /** Codes of outcomes, see `shared/fhir/answers/outcome-texts.ts`. */
  readonly codes?: readonly string[];
  readonly organisation?: string;
  /** In which role, such as `clinician`. */
  readonly role?: string;
  readonly durationMs?: number;
  readonly bodyBytes?: number;
  readonly count?: number;
  readonly attempt?: number;
  readonly sequence?: number;
  /** ISO date, and hash, of a part of the audit's chain: they name nobody. */
  readonly day?: string;
  readonly digest?: string;
  /** A failure: only its name, code and stack frames are kept, for its message may quote what was sent. */
  readonly error?: unknown;
}

const ALLOWED = new Set<keyof LogFields>([
  'requestId',
  'method',
  'route',
  'status',
  'codes',
  'organisation',
  'role',
  'durationMs',
  'bodyBytes',
  'count',
  'attempt',
  'sequence',
  'day',
  'digest',
]);

/** Structured log of a function: static messages, fields from an allow-list. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Service name and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL. */
export function createLog(logger = new Logger()): Log {
  return {
    info: (message, fields = {}) => logger.info(message, kept(fields)),
    warn: (message, fields = {}) => logger.warn(message, kept(fields)),
    error: (message, fields = {}) => logger.error(message, kept(fields)),
  };
}

function kept(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([name]) => ALLOWED.has(name as keyof LogFields));
  return { ...Object.fromEntries(entries), ...(fields.error === undefined ? {} : { failure: failureOf(fields.error) }) };
}

function failureOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    name: error.name,
    frames: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: failureOf(error.cause) }),
  };
}
