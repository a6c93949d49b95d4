import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLES } from '../../tables.ts';
import type { BundledFunction } from '../function.ts';
import { keptTable } from './kept-table.ts';

/** The audit: every look at a record (`shared/store/audit.ts`). It only ever grows. */
export class AuditTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = keptTable(this, 'Audit', encryptionKey);
  }

  /** Notes a look, and can neither read, change nor remove one. */
  grantNote(witness: BundledFunction): void {
    witness.tell('AUDIT_TABLE', this.table.tableName);
    witness.allow(['dynamodb:PutItem'], this.table.tableArn);
    witness.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }

  /** Reads looks: one, those at a person, those by somebody or for an organisation. */
  grantReadAudit(reader: BundledFunction): void {
    this.grantReview(reader);
    reader.allow(['dynamodb:GetItem', 'dynamodb:Query'], this.table.tableArn);
  }

  /** Reads looks as they come, organisation by organisation, and those of one member of staff; none by the person. */
  grantReview(reviewer: BundledFunction): void {
    reviewer.tell('AUDIT_TABLE', this.table.tableName);
    reviewer.allow(['dynamodb:BatchGetItem'], this.table.tableArn);
    const indexes = Object.keys(TABLES.Audit.indexes).map((index) => `${this.table.tableArn}/index/${index}`);
    reviewer.allow(['dynamodb:Query'], ...indexes);
    reviewer.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }
}
