import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { MAX_CHANGES_PER_LINK } from '../../shared/store/chain/link.ts';
import { operationsKey, recordKey } from '../constructs/encryption.ts';
import { BundledFunction } from '../constructs/function.ts';
import { IdentitySecret } from '../constructs/identity-secret.ts';
import { Tampering } from '../constructs/observing/tampering.ts';
import { CONTRIBUTIONS, StreamConsumer } from '../constructs/stream-consumer.ts';
import { AuditChainTable } from '../constructs/tables/audit-chain-table.ts';
import { AuditTable } from '../constructs/tables/audit-table.ts';
import { OversightTable } from '../constructs/tables/oversight-table.ts';
import { RecordTable } from '../constructs/tables/record-table.ts';
import { SignalsTable } from '../constructs/tables/signals-table.ts';
import { VersionsSecret } from '../constructs/versions-secret.ts';
import type { CheckedSettings } from '../settings.ts';

export interface DataProps extends StackProps {
  readonly settings: CheckedSettings;
}

/** What must never be lost: the record, the audit, what is overseen, what is told and to whom, the secrets that name persons and versions; with compaction, which keeps reads short, and the seal on the audit. */
export class DataStack extends Stack {
  readonly operationsKey: Key;
  readonly record: RecordTable;
  readonly audit: AuditTable;
  readonly chain: AuditChainTable;
  readonly oversight: OversightTable;
  readonly signals: SignalsTable;
  readonly identity: IdentitySecret;
  readonly versions: VersionsSecret;
  readonly compact: BundledFunction;
  readonly compaction: StreamConsumer;
  readonly seal: BundledFunction;
  readonly sealing: StreamConsumer;
  readonly tampering: Tampering;

  constructor(scope: Construct, id: string, props: DataProps) {
    super(scope, id, props);
    const { settings } = props;
    const encryptionKey = recordKey(this);
    this.operationsKey = operationsKey(this);
    this.record = new RecordTable(this, 'Record', { encryptionKey });
    this.audit = new AuditTable(this, 'Audit', { encryptionKey });
    this.chain = new AuditChainTable(this, 'AuditChain', { encryptionKey });
    this.oversight = new OversightTable(this, 'Oversight', { settings, encryptionKey });
    this.signals = new SignalsTable(this, 'Signals', { encryptionKey });
    this.identity = new IdentitySecret(this, 'Identity', { encryptionKey });
    this.versions = new VersionsSecret(this, 'Versions', { encryptionKey });

    this.compact = new BundledFunction(this, 'compact', { settings, operationsKey: this.operationsKey });
    this.record.grantCompact(this.compact);
    this.compaction = new StreamConsumer(this, 'Compaction', {
      table: this.record.table,
      filter: CONTRIBUTIONS,
      consumer: this.compact,
      encryptionKey: this.operationsKey,
      batchSize: 1_000,
      // Nobody waits for it, and a burst about one person is then compacted once.
      maxBatchingWindow: Duration.seconds(20),
    });

    this.seal = new BundledFunction(this, 'seal', { settings, operationsKey: this.operationsKey });
    this.chain.grantSeal(this.seal);
    this.sealing = new StreamConsumer(this, 'Sealing', {
      table: this.audit.table,
      consumer: this.seal,
      encryptionKey: this.operationsKey,
      batchSize: MAX_CHANGES_PER_LINK,
      // A link a batch: fewer links, and each look is sealed within seconds all the same.
      maxBatchingWindow: Duration.seconds(5),
    });
    this.tampering = new Tampering(this, 'Tampering', { seal: this.seal, settings });
  }
}
