import { createHash } from 'node:crypto';

/** A message attribute, as the SQS API has it; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

/** MD5 of a message's body, which SDKs compare with their own. */
export const bodyChecksum = (body: string): string => md5(body);

/** MD5 of message attributes (SQS developer guide, "Calculating the MD5 message digest for message attributes"). */
export function attributesChecksum(attributes: Readonly<Record<string, MessageAttribute>>): string {
  const parts: Buffer[] = [];
  const field = (data: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    parts.push(length, data);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    field(Buffer.from(name));
    field(Buffer.from(DataType));
    parts.push(Buffer.from([BinaryValue === undefined ? 1 : 2]));
    field(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'));
  }
  return md5(Buffer.concat(parts));
}
