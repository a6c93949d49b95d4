/** A UUID (RFC 9562, section 5.8: version 8) of the first 16 bytes of a digest. */
export function uuidOf(digest: Uint8Array): string {
  const hex = Buffer.from(digest).toString('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
