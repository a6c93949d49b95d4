export const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Base32 in lower case (RFC 4648, section 6, without padding): five bits a character; bits that are left over are not told. */
export function base32Text(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return text;
}

/** The bytes of a base32 text; the last is filled with zero bits. */
export function base32Bytes(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((text.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const character of text) {
    value = (value << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = value >>> bits;
      value &= (1 << bits) - 1;
    }
  }
  if (bits > 0) bytes[at] = value << (8 - bits);
  return bytes;
}
