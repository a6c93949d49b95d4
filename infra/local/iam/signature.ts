import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Why a request is not believed to come from whom it says: AWS's own codes and texts. */
export interface SignatureRefusal {
  readonly code:
    | 'MissingAuthenticationTokenException'
    | 'IncompleteSignatureException'
    | 'UnrecognizedClientException'
    | 'InvalidSignatureException';
  readonly message: string;
}

const refusal = (code: SignatureRefusal['code'], message: string): SignatureRefusal => ({ code, message });

const MISSING = refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
const INCOMPLETE = refusal('IncompleteSignatureException', 'The Authorization header is not a complete AWS Signature Version 4.');
const UNRECOGNISED = refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
const EXPIRED = refusal(
  'InvalidSignatureException',
  'Signature expired: the time of the request is more than 15 minutes from now.',
);
const MISMATCH = refusal(
  'InvalidSignatureException',
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
);

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=(?<keyId>[^/]+)\/(?<scope>(?<day>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request),\s*SignedHeaders=(?<names>[^,]+),\s*Signature=(?<signature>[0-9a-f]{64})$/;

/** How far a request's time may be from ours. */
const SKEW_MS = 15 * 60 * 1000;

/**
 * Checks a request's signature (AWS Signature Version 4, "Create a signed AWS API request").
 *
 * @param secret the secret access key of the access key id in the header; `undefined` when nobody holds that id
 * @returns `undefined` when the signature is good
 */
export function verifySignature(request: SignedRequest, secret: string | undefined, now: Date): SignatureRefusal | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return MISSING;
  const parts = AUTHORIZATION.exec(authorization)?.groups as
    | Record<'scope' | 'day' | 'region' | 'service' | 'names' | 'signature', string>
    | undefined;
  const instant = header(request, 'x-amz-date');
  if (parts === undefined || !/^\d{8}T\d{6}Z$/.test(instant) || !instant.startsWith(parts.day)) return INCOMPLETE;
  if (secret === undefined) return UNRECOGNISED;
  if (Math.abs(readInstant(instant) - now.getTime()) > SKEW_MS) return EXPIRED;

  const toSign = ['AWS4-HMAC-SHA256', instant, parts.scope, sha256(canonicalRequest(request, parts.names))].join('\n');
  const expected = hmac(signingKey(secret, parts), toSign);
  return timingSafeEqual(expected, Buffer.from(parts.signature, 'hex')) ? undefined : MISMATCH;
}

const keys = new Map<string, KeyObject>();
const MOST_KEYS = 1_000;

/** Made once for each caller, day and service: it takes four times as long as what is signed with it. */
function signingKey(
  secret: string,
  { scope, day, region, service }: Record<'scope' | 'day' | 'region' | 'service', string>,
): KeyObject {
  const name = `${secret} ${scope}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const parts = [day, region, service, 'aws4_request'];
  const key = createSecretKey(parts.reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${secret}`)));
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}

function canonicalRequest(request: SignedRequest, names: string): string {
  const [path = '/', query = ''] = request.url.split('?', 2);
  const headers = names.split(';').map((name) => `${name}:${header(request, name).trim().replace(/\s+/g, ' ')}\n`);
  // Paths are encoded once more for every service but S3.
  const canonicalPath = path.split('/').map(encode).join('/');
  return [request.method, canonicalPath, canonicalQuery(query), headers.join(''), names, sha256(request.body)].join('\n');
}

const canonicalQuery = (query: string): string =>
  [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function header({ headers }: SignedRequest, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

const readInstant = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const hmac = (key: Buffer | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
