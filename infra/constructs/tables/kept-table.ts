import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLES, type TableName, type TableShape } from '../../tables.ts';
import { appendOnly } from './append-only.ts';

/** How far back the tables can be restored to any second: the most that DynamoDB keeps. */
const RECOVERY_DAYS = 35;

/** Why the rule packs need not ask for a backup plan. */
const RECOVERED = {
  id: 'NIST.800.53.R5-DynamoDBInBackupPlan',
  reason: `Point-in-time recovery restores it to any second of the last ${RECOVERY_DAYS} days, where a plan restores to the night before.`,
};

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** A table that must never be lost: encrypted with a key of ours, restorable, and neither deleted nor dropped with its stack. */
export function keptTable(scope: Construct, name: TableName, encryptionKey: IKey): Table {
  const { partition, sort, indexes = {}, streams = false, expiry, appendOnly: grows = false }: TableShape = TABLES[name];
  const table = new Table(scope, 'Table', {
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RECOVERY_DAYS },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    partitionKey: text(partition),
    sortKey: text(sort),
    ...(streams ? { stream: StreamViewType.NEW_IMAGE } : {}),
    ...(expiry === undefined ? {} : { timeToLiveAttribute: expiry }),
    ...(grows ? { resourcePolicy: appendOnly(`NobodyRewrites${name}`) } : {}),
  });
  for (const [indexName, attribute] of Object.entries(indexes))
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: text(attribute),
      sortKey: text(sort),
      projectionType: ProjectionType.KEYS_ONLY,
    });
  Validations.of(table).acknowledge(RECOVERED);
  return table;
}
