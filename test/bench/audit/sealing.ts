import type { DynamoDBRecord } from 'aws-lambda';
import { newAccessId } from '../../../shared/access/access-id.ts';
import { createAudit } from '../../../shared/store/audit.ts';
import { MAX_CHANGES_PER_LINK } from '../../../shared/store/chain/link.ts';
import { startEngine } from '../../engine.ts';
import { NURSE } from '../../unit/audit/looks.ts';
import { createWorld } from '../../unit/seal/world.ts';
import { meteredClient } from '../../unit/store/world.ts';
import type { Figure } from '../report.ts';

const LINKS = 4;

/** What noting looks, sealing them and proving them whole takes: on an engine in memory, without HTTP. */
export async function measureSealing(): Promise<readonly Figure[]> {
  const engine = await startEngine({ stream: false });
  try {
    const world = createWorld(engine);
    const noting = meteredClient(engine);
    const audit = createAudit({ client: noting.client, table: engine.auditTable });
    const keys: { person: string; access: string }[] = [];
    const note = async () => {
      const entry = { ...NURSE, person: somebody(), id: newAccessId(), at: world.clock.now().toISOString() };
      await audit.record(entry);
      keys.push({ person: entry.person, access: `${entry.at}#${entry.id}` });
    };
    const notingMs = await timed(async () => {
      for (let look = 0; look < LINKS * MAX_CHANGES_PER_LINK; look++) await note();
    });
    const records: DynamoDBRecord[] = [];
    for (const key of keys) records.push(await world.told(key));
    const sealing = meteredClient(engine);
    const { seal } = world.sealer(sealing.client);
    const sealingMs = await timed(async () => {
      for (let link = 0; link < LINKS; link++)
        await seal(records.slice(link * MAX_CHANGES_PER_LINK, (link + 1) * MAX_CHANGES_PER_LINK));
    });
    const verifyingMs = await timed(async () => {
      const { findings } = await world.verify();
      if (findings.length > 0) throw new Error('the audit of the bench is not whole');
    });
    return [
      { name: 'audit: note a look', value: notingMs / keys.length, unit: 'ms' },
      { name: 'units: a look by staff', value: noting.used.writeUnits / keys.length, unit: 'written' },
      { name: 'audit: seal 1,000 looks', value: sealingMs / LINKS, unit: 'ms' },
      { name: 'units: seal 1,000 looks', value: sealing.used.writeUnits / LINKS, unit: 'written' },
      { name: 'audit: verify', value: (keys.length / verifyingMs) * 1_000, unit: 'entries/s' },
    ];
  } finally {
    await engine.stop();
  }
}

/** An id like those of persons, of nobody. */
const somebody = (): string => (newAccessId() + newAccessId()).slice(0, 26);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
