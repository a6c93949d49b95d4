import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { TABLES } from '../../tables.ts';
import type { BundledFunction } from '../function.ts';
import { keptTable } from './kept-table.ts';

/** What is told and to whom: subscriptions, what each is still to hear and has heard, panels, how fresh feeds are (`shared/store/signals`). */
export class SignalsTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.table = keptTable(this, 'Signals', encryptionKey);
  }

  /** Keeps subscriptions and panels, finds those of an organisation, and reads what each was told. */
  grantSubscribe(subscriber: BundledFunction): void {
    this.grantDeliver(subscriber);
    this.grantFind(subscriber, 'byOrganisation');
  }

  /** Appends to what subscriptions are still to hear, numbers what is told at once, and puts aside what fails. */
  grantCollect(collector: BundledFunction): void {
    this.tell(collector);
    collector.allow(
      ['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      this.table.tableArn,
    );
    collector.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }

  /** Numbers what is still to be heard, notes how each went, and clears what is done with. */
  grantDeliver(deliverer: BundledFunction): void {
    this.grantCollect(deliverer);
    deliverer.allow(['dynamodb:DeleteItem'], this.table.tableArn);
  }

  /** Looks through all subscriptions and feeds, ends and wakes them, and puts dead letters back. */
  grantTend(tender: BundledFunction): void {
    this.grantDeliver(tender);
    this.grantFind(tender, 'byKind');
  }

  /** Notes that a source has contributed. */
  grantNoteFeeds(witness: BundledFunction): void {
    this.tell(witness);
    witness.allow(['dynamodb:UpdateItem'], this.table.tableArn);
    witness.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }

  /** Reads how fresh sources are, and nothing of any subscription: each is in a partition of its own. */
  grantReadFeeds(reader: BundledFunction): void {
    this.tell(reader);
    reader.allow(['dynamodb:BatchGetItem'], this.table.tableArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }

  private grantFind(finder: BundledFunction, index: keyof typeof TABLES.Signals.indexes) {
    finder.allow(['dynamodb:Query'], `${this.table.tableArn}/index/${index}`);
    finder.allow(['dynamodb:BatchGetItem'], this.table.tableArn);
  }

  private tell(user: BundledFunction) {
    user.tell('SIGNALS_TABLE', this.table.tableName);
  }
}
