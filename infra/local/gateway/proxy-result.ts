import type { ProxiedResult } from '../functions/messages.ts';

/** An answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | undefined;
}

/** Lambda's limit on what a function answers when it is waited for (Lambda quotas: 6 MB, with room for its envelope). */
const MOST_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100;

/** Names that API Gateway does not let a function set: it says them itself (developer guide, "Important notes for REST APIs"). */
const REMAPPED = new Set([
  ...[
    'authorization',
    'connection',
    'content-md5',
    'date',
    'expect',
    'host',
    'max-forwards',
    'proxy-authenticate',
    'server',
    'te',
  ],
  ...['trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'via', 'warn', 'www-authenticate'],
]);

const isHeaderName = (name: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/**
 * Reads what a function answered (developer guide, "Output format of a Lambda function for proxy integration").
 *
 * @returns `undefined` when it is none, or larger than Lambda lets through: the caller then gets a 502
 */
export function readProxiedResult({ result, body, payloadBytes }: ProxiedResult): Answer | undefined {
  if (typeof result !== 'object' || result === null || payloadBytes > MOST_PAYLOAD_BYTES) return undefined;
  const { statusCode, headers, multiValueHeaders } = result as {
    statusCode?: unknown;
    headers?: Readonly<Record<string, unknown>> | null;
    multiValueHeaders?: Readonly<Record<string, unknown>> | null;
  };
  const status = Number(statusCode);
  if (body === undefined || !Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const merged: Record<string, string | readonly string[]> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    if (!setHeader(merged, name, [String(value)])) return undefined;
  }
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (!Array.isArray(values) || !setHeader(merged, name, values.map(String))) return undefined;
  }
  return { status, headers: merged, body: body.length === 0 ? undefined : body };
}

function setHeader(headers: Record<string, string | readonly string[]>, written: string, values: readonly string[]): boolean {
  const name = written.toLowerCase();
  if (!isHeaderName(name) || !values.every(isHeaderValue)) return false;
  if (name === 'content-length') return true;
  headers[REMAPPED.has(name) ? `x-amzn-remapped-${name}` : name] = values.length === 1 ? values[0]! : values;
  return true;
}
