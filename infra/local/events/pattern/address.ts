import { isIP } from 'node:net';

/** An IP address as a number, with its family's number of bits. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Reads an IPv4 or IPv6 address; `undefined` for any other text (an IPv6 address with dots or a zone is none here). */
export function readAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return { bits: 32, value: join(text.split('.'), 8n, 10) };
  if (family !== 6 || !/^[0-9a-f:]+$/i.test(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - start.length - end.length }, () => '0');
  return { bits: 128, value: join([...start, ...zeros, ...end], 16n, 16) };
}

const join = (parts: readonly string[], width: bigint, radix: number): bigint =>
  parts.reduce((value, part) => (value << width) | BigInt(Number.parseInt(part, radix)), 0n);

/** Whether two texts name the same address. */
export const isSameAddress = (one: Address, other: Address): boolean => one.bits === other.bits && one.value === other.value;

/**
 * Compiles a range of addresses such as `10.0.0.0/24`.
 *
 * @returns the reason of the refusal, or the test of an event's value
 */
export function compileRange(range: string): string | ((value: unknown) => boolean) {
  const parts = range.split('/');
  if (parts.length !== 2) return "Malformed CIDR, one '/' required";
  const [text = '', mask = ''] = parts;
  if (!/^[+-]?\d+$/.test(mask)) return 'Malformed CIDR, mask bits must be an integer';
  if (Number(mask) < 0) return 'Malformed CIDR, mask bits must not be negative';
  const first = readAddress(text);
  if (first === undefined) return `Nonstandard IP address: ${text}`;
  if (Number(mask) >= first.bits) return `IPv${first.bits === 32 ? 4 : 6} mask bits must be < ${first.bits}`;
  const free = BigInt(first.bits - Number(mask));
  const network = first.value >> free;
  return (value) => {
    const address = typeof value === 'string' ? readAddress(value) : undefined;
    return address !== undefined && address.bits === first.bits && address.value >> free === network;
  };
}
