import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { BundledFunction } from './function.ts';

/** How far back the tables can be restored to any second: the most that DynamoDB keeps. */
const RECOVERY_DAYS = 35;

/** What every table that must never be lost has. */
export const KEPT_TABLE = {
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.CUSTOMER_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RECOVERY_DAYS },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
};

/** Why the rule packs need not ask for a backup plan. */
export const RECOVERED = {
  id: 'NIST.800.53.R5-DynamoDBInBackupPlan',
  reason: `Point-in-time recovery restores it to any second of the last ${RECOVERY_DAYS} days, where a plan restores to the night before.`,
};

/** The record: contributions, snapshots, aliases (`shared/store`). */
export class RecordTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new Table(this, 'Table', {
      ...KEPT_TABLE,
      encryptionKey,
      partitionKey: { name: 'subject', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
      stream: StreamViewType.NEW_IMAGE,
      // Answers remembered for an Idempotency-Key have it, and the empty slots that compaction leaves: what is contributed never expires.
      timeToLiveAttribute: 'expiresAt',
    });
    Validations.of(this.table).acknowledge(RECOVERED);
  }

  /** Reads records, and changes nothing. */
  grantRead(reader: BundledFunction): void {
    reader.tell('RECORD_TABLE', this.table.tableName);
    reader.allow(['dynamodb:GetItem', 'dynamodb:Query'], this.table.tableArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }

  /** Reads, and adds what was not there. Nothing is updated or deleted: a contribution is immutable. */
  grantContribute(writer: BundledFunction): void {
    this.grantRead(writer);
    writer.allow(['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'], this.table.tableArn);
    writer.allow(['kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }

  /** Moves contributions into snapshots and history: alone in being able to delete. */
  grantCompact(compactor: BundledFunction): void {
    this.grantContribute(compactor);
    compactor.allow(['dynamodb:DeleteItem'], this.table.tableArn);
  }
}

/** The audit: every look at a record (`shared/store/audit.ts`). It only ever grows. */
export class AuditTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = new Table(this, 'Table', {
      ...KEPT_TABLE,
      encryptionKey,
      partitionKey: { name: 'person', type: AttributeType.STRING },
      sortKey: { name: 'access', type: AttributeType.STRING },
      resourcePolicy: appendOnly('NobodyRewritesTheAudit'),
    });
    Validations.of(this.table).acknowledge(RECOVERED);
  }

  /** Notes a look, and can neither read, change nor remove one. */
  grantNote(witness: BundledFunction): void {
    witness.tell('AUDIT_TABLE', this.table.tableName);
    witness.allow(['dynamodb:PutItem'], this.table.tableArn);
    witness.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }
}

/** Denies, to everybody, administrators too, what would change or remove an entry. PutItem stays: the code puts only what is not there. */
export const appendOnly = (sid: string) =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:PartiQLInsert',
          'dynamodb:PartiQLUpdate',
          'dynamodb:PartiQLDelete',
          'dynamodb:DeleteTable',
        ],
        resources: ['*'],
      }),
    ],
  });
