import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { BundledFunction } from '../function.ts';
import { keptTable } from './kept-table.ts';

/** The chain that proves the audit whole (`shared/store/chain`). It only ever grows. */
export class AuditChainTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = keptTable(this, 'AuditChain', encryptionKey);
  }

  /** Reads links and appends one. Nothing is updated or deleted. */
  grantSeal(sealer: BundledFunction): void {
    sealer.tell('AUDIT_CHAIN_TABLE', this.table.tableName);
    sealer.allow(['dynamodb:PutItem', 'dynamodb:Query'], this.table.tableArn);
    sealer.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }
}
