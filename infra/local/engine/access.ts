import { authorise, type Decision } from '../iam/authorise.ts';
import type { Credentials } from '../iam/credentials.ts';
import type { Principal } from '../iam/model.ts';
import type { Policies } from '../iam/policies.ts';
import { refusalText } from '../iam/refusal-text.ts';
import { type Place, type ResolvedResource, UnsupportedTemplate } from '../resource.ts';
import type { Need } from './request.ts';
import type { RoomRule } from './room-rule.ts';
import type { TableDescription } from './tables.ts';

/** An answer of DynamoDB that refuses a call. */
export interface AccessRefusal {
  readonly code: 'AccessDeniedException' | 'UnrecognizedClientException';
  readonly message: string;
}

/** What the holder of an access key may do. */
export interface Verdict {
  /** `undefined` lets the call pass. */
  readonly refusal: AccessRefusal | undefined;
  /** Whether it has to wait while the disk is short of room. */
  readonly waitsForRoom: boolean;
}

/** The same question always has the same answer. */
export type DecideAccess = (accessKeyId: string, need: Need) => Verdict;

const UNKNOWN_KEY: AccessRefusal = {
  code: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
};

/**
 * Decides as IAM does for DynamoDB: the call itself, then the use of the key that encrypts the table, which DynamoDB makes in the
 * caller's name.
 */
export function decideAccess({
  credentials,
  policies,
  place,
  tables,
  roomRule,
}: {
  readonly credentials: Credentials;
  readonly policies: Policies;
  readonly place: Place;
  readonly tables: readonly TableDescription[];
  readonly roomRule: RoomRule;
}): DecideAccess {
  const keys = new Map(tables.map(({ arn, encryptionKey }) => [arn, encryptionKey]));
  const throughDynamoDb = {
    'kms:ViaService': `dynamodb.${place.region}.amazonaws.com`,
    'kms:CallerAccount': place.account,
  };
  const refusalOf = (principal: Principal, { action, table, index }: Need): AccessRefusal | undefined => {
    const tableArn = arnOf(table, place);
    const resource = index === undefined ? tableArn : `${tableArn}/index/${index}`;
    const decision = authorise(principal, { action, resource }, policies);
    if (decision !== 'allowed') return refuse(principal, action, resource, decision);
    const key = keys.get(tableArn);
    if (key === undefined) return undefined;
    const decrypt = { action: 'kms:Decrypt', resource: key, context: throughDynamoDb };
    const use = authorise(principal, decrypt, policies);
    return use === 'allowed' ? undefined : refuse(principal, decrypt.action, key, use, 'KMS key access denied error: ');
  };
  return (accessKeyId, need) => {
    const principal = credentials.callerOf(`Credential=${accessKeyId}/`);
    if (principal === undefined) return { refusal: UNKNOWN_KEY, waitsForRoom: false };
    return { refusal: refusalOf(principal, need), waitsForRoom: roomRule(principal, need) };
  };
}

function arnOf(table: string, { region, account }: Place): string {
  if (table === '*' || table.startsWith('arn:')) return table;
  return `arn:aws:dynamodb:${region}:${account}:table/${table}`;
}

const refuse = (
  principal: Principal,
  action: string,
  resource: string,
  decision: Exclude<Decision, 'allowed'>,
  before = '',
): AccessRefusal => ({
  code: 'AccessDeniedException',
  message: before + refusalText(principal, { action, resource }, decision),
});

/**
 * Decisions are remembered by caller, action and table, so they must not depend on anything else of a request.
 *
 * @throws UnsupportedTemplate when a policy asks for items, attributes or anything else that only a body tells
 */
export function refuseItemConditions(resources: readonly ResolvedResource[]): void {
  for (const { logicalId, properties, type } of resources) {
    if (!type.startsWith('AWS::IAM::') && type !== 'AWS::DynamoDB::Table') continue;
    if (
      /"dynamodb:(?:LeadingKeys|Attributes|Select|ReturnValues|ReturnConsumedCapacity|EnclosingOperation|FullTableScan)"/i.test(
        JSON.stringify(properties),
      )
    )
      throw new UnsupportedTemplate(logicalId, 'conditions on what a call to DynamoDB says are not evaluated here');
  }
}
