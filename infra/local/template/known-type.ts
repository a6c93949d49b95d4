import { createHash } from 'node:crypto';
import type { Place } from '../resource.ts';

/** Where the parts of the runtime listen: what URLs of resources begin with. */
export interface Addresses {
  /** The gateway: API and token endpoint. */
  readonly gateway: string;
  /** SQS, EventBridge and the rest. */
  readonly services: string;
}

/** What a physical name can be made of. */
export interface Naming {
  readonly stack: string;
  readonly logicalId: string;
  readonly place: Place;
  readonly addresses: Addresses;
  /** A property of the resource, resolved. */
  property(name: string): unknown;
  /** Name by property, else `<stack>-<logicalId>` as CloudFormation makes it (without its random end), cut to `most` characters. */
  name(property: string | undefined, most: number): string;
  /** Stands for an id that AWS would draw at random: the same for the same resource, always. */
  opaque(length: number, alphabet?: string): string;
}

/** What the runtime knows of a resource type. */
export interface KnownType {
  readonly ref: (naming: Naming) => string;
  /** What `Fn::GetAtt` may ask. */
  readonly attributes?: Readonly<Record<string, (naming: Naming) => string>>;
  /**
   * Properties (dotted below the first level, arrays are passed through) that the runtime acts upon; or the part of the runtime
   * that reads and checks all of them itself.
   */
  readonly honours: readonly string[] | { readonly checkedBy: 'iam' | 'queues' | 'events' | 'secrets' | 'identity' };
  /** Properties that the runtime knowingly leaves aside, each with the reason. */
  readonly ignores?: Readonly<Record<string, string>>;
}

const HEXADECIMAL = '0123456789abcdef';
export const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz0123456789';
export const UPPER_CASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** @returns `length` characters of `alphabet` that depend on `seed` alone */
export function opaqueId(seed: string, length: number, alphabet = HEXADECIMAL): string {
  const bytes = createHash('sha512').update(seed).digest();
  return Array.from({ length }, (_, index) => alphabet[(bytes[index % bytes.length] ?? 0) % alphabet.length]).join('');
}

/** `<stack>-<logicalId>` within a bound; what is cut off is stood for by a hash, so that names stay apart. */
export function generatedName(stack: string, logicalId: string, most: number): string {
  const whole = `${stack}-${logicalId}`;
  return whole.length <= most ? whole : `${whole.slice(0, most - 9)}-${opaqueId(whole, 8)}`;
}

/** An ARN of something that lives in the region. */
export const regional = ({ place }: Naming, service: string, resource: string): string =>
  `arn:aws:${service}:${place.region}:${place.account}:${resource}`;

/** Reasons that recur in the tables. */
export const WHY = {
  tags: 'tags sort the bill',
  description: 'says something to people',
  encryption: 'the data folder is as safe as the disk that it lies on; who may use the key is checked all the same',
  retained: 'the runtime deletes no resource',
  logs: 'logs are files in the data folder',
  operations: 'nobody watches one machine: alarms and dashboards stand on AWS only',
} as const;
