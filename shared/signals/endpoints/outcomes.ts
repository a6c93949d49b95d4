/** Stable codes of what can become of an attempt that failed. */
export type FailureCode =
  | 'timeout'
  | 'connection-refused'
  | 'connection-lost'
  | 'name-not-found'
  | 'address-refused'
  | 'tls'
  | 'redirect'
  | 'refused'
  | 'throttled'
  | 'receiver-error'
  | 'gone'
  | 'not-agreed'
  | 'no-key'
  | 'no-permission'
  | 'unknown';

/** What has become of an attempt. */
export type Outcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: FailureCode;
      /** How long the receiver asks to be left alone. */
      readonly retryAfterMs?: number;
    };

export const ACCEPTED: Outcome = { ok: true };
export const failed = (code: FailureCode): Outcome => ({ ok: false, code });

/** Whether the receiver wants fewer: then all of it is left alone for a while, not only what it did not take. */
export const isThrottled = (outcome: Outcome): boolean => !outcome.ok && outcome.code === 'throttled';

/** What the owner of a subscription reads, and can act on. */
export const FAILURE_TEXTS: Readonly<Record<FailureCode, string>> = {
  timeout: 'The endpoint did not answer in time. It should accept a signal first, and work on it afterwards.',
  'connection-refused': 'Nothing listens at the endpoint.',
  'connection-lost': 'The connection to the endpoint broke before it answered.',
  'name-not-found': 'The name of the endpoint cannot be resolved.',
  'address-refused': 'The endpoint has an address that is not public. Signals are only sent to public addresses.',
  tls: 'The certificate of the endpoint cannot be trusted: look at its names, its dates and its chain.',
  redirect: 'The endpoint answered with a redirect, which is not followed. Change the endpoint of the subscription.',
  refused: 'The endpoint refused the signal.',
  throttled: 'The endpoint asked for fewer signals. Set a rate on the subscription.',
  'receiver-error': 'The endpoint answered with an error of its own.',
  gone: 'The endpoint said that it is gone (410).',
  'not-agreed': 'The settings of this service do not allow signals to this endpoint any more. Ask its operators.',
  'no-key': 'There is no key to sign with. Ask the operators of this service.',
  'no-permission': 'The queue or event bus does not take messages from this service. Look at its policy.',
  unknown: 'The signal could not be sent.',
};

/** The longest that a receiver may ask to be left alone. */
const MOST_RETRY_AFTER_MS = 3_600_000;

/** RFC 9110, section 15: only 2xx accepts. */
export function outcomeOfStatus(status: number, retryAfter: string | undefined, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return ACCEPTED;
  const code = codeOfStatus(status);
  const retryAfterMs = retryAfter === undefined ? undefined : waitOf(retryAfter, nowMs);
  return { ok: false, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function codeOfStatus(status: number): FailureCode {
  if (status === 410) return 'gone';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'receiver-error';
  return status >= 400 ? 'refused' : 'redirect';
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function waitOf(retryAfter: string, nowMs: number): number | undefined {
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MOST_RETRY_AFTER_MS);
}

const CODES: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  'address-refused': 'address-refused',
  EPROTO: 'tls',
};

/** Node names failures of certificates by OpenSSL's names, and its own of TLS and HTTP by theirs. */
export function outcomeOfError(error: unknown): Outcome {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return failed('unknown');
  const known = CODES[code];
  if (known !== undefined) return failed(known);
  if (code.startsWith('HPE_')) return failed('receiver-error');
  return failed(/CERT|ERR_TLS|ERR_SSL|SIGNATURE|ISSUER|CHAIN/.test(code) ? 'tls' : 'unknown');
}
