import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';
import { keptTable } from './kept-table.ts';

export interface OversightTableProps {
  readonly settings: CheckedSettings;
  readonly encryptionKey: IKey;
}

/** What is overseen: grants of access on somebody's own word, review tasks with their outcomes, the watch-list (`shared/store/oversight`). It only ever grows. */
export class OversightTable extends Construct {
  readonly table: Table;
  private readonly encryptionKey: IKey;
  private readonly lead: string;

  constructor(scope: Construct, id: string, { settings, encryptionKey }: OversightTableProps) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.lead = settings.oversight.lead;
    this.table = keptTable(this, 'Oversight', encryptionKey);
  }

  /** Reads which grants stand. */
  grantReadGrants(reader: BundledFunction): void {
    reader.tell('OVERSIGHT_TABLE', this.table.tableName);
    reader.allow(['dynamodb:Query'], this.table.tableArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }

  /** Reads the review queue, knowing who leads oversight. */
  grantReadQueue(reader: BundledFunction): void {
    this.grantReadGrants(reader);
    this.tellLead(reader);
  }

  /** Knows who leads oversight, and reads nothing itself: the stream hands over. */
  tellLead(alerter: BundledFunction): void {
    alerter.tell('OVERSIGHT_LEAD', this.lead);
  }

  /** Puts grants with their review tasks, outcomes of reviews and the watch-list. Nothing is updated or deleted. */
  grantJustify(justifier: BundledFunction): void {
    this.grantReadQueue(justifier);
    justifier.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], this.table.tableArn);
    justifier.allow(['kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }

  /** Raises findings, and notes how far the audit has been looked over. */
  grantReview(reviewer: BundledFunction): void {
    this.grantReadGrants(reviewer);
    this.grantRaise(reviewer);
  }

  /** Raises tasks, and lets grants that wait open a record. */
  grantOpen(opener: BundledFunction): void {
    this.grantReadGrants(opener);
    this.grantRaise(opener);
  }

  /** Raises tasks, and reads none. */
  grantRaise(raiser: BundledFunction): void {
    raiser.tell('OVERSIGHT_TABLE', this.table.tableName);
    raiser.allow(['dynamodb:PutItem'], this.table.tableArn);
    raiser.allow(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], this.encryptionKey.keyArn);
  }
}
