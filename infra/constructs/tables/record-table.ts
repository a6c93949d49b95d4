import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { BundledFunction } from '../function.ts';
import { keptTable } from './kept-table.ts';

/** The record: contributions, snapshots, aliases (`shared/store`). */
export class RecordTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = keptTable(this, 'Record', encryptionKey);
  }

  /** Reads records, and changes nothing. */
  grantRead(reader: BundledFunction): void {
    reader.tell('RECORD_TABLE', this.table.tableName);
    reader.allow(['dynamodb:GetItem', 'dynamodb:Query'], this.table.tableArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }

  /** Asks whether there is a record; the function reads none of it. */
  grantKnow(asker: BundledFunction): void {
    asker.tell('RECORD_TABLE', this.table.tableName);
    asker.allow(['dynamodb:Query'], this.table.tableArn);
    asker.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
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
