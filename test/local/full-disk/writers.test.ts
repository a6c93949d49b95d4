import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, symlinkSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOutOfRoom } from '../../../infra/local/data-folder/fault.ts';
import { openLogFile } from '../../../infra/local/functions/log-file.ts';
import { type Messages, openMessages } from '../../../infra/local/queues/messages.ts';
import { createReport } from '../../../infra/local/report.ts';
import { createSecrets } from '../../../infra/local/secrets/secrets.ts';
import { PLACE, type RunningServices, role, startServices } from '../running-services.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chesil-writers-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a log on a full disk', () => {
  /** A file that takes nothing: every write to it fails with ENOSPC (full(4)). */
  const fullLog = () => {
    const path = join(folder, 'full.log');
    symlinkSync('/dev/full', path);
    return path;
  };

  it('fails nobody who logs', () => {
    const log = openLogFile(fullLog());
    expect(() => log.append('a line\n')).not.toThrow();
  });

  it('goes on when there is room, after a line that was cut off, and says how many it lacks', () => {
    // Given a disk that takes so many bytes more
    let room = 30;
    const write = (file: number, bytes: Buffer): number => {
      if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      const written = writeSync(file, bytes, 0, Math.min(room, bytes.length));
      room -= written;
      return written;
    };
    const path = join(folder, 'function.log');
    const log = openLogFile(path, { write });

    // When more is logged than it takes, and there is room again
    for (const line of ['kept'.padEnd(19), 'cut off'.padEnd(19), 'lost', 'lost']) log.append(`${line}\n`);
    room = 1_000;
    log.append('kept\n');

    // Then what is there are whole lines, but for the one that was cut off
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines).toEqual(['kept'.padEnd(19), 'cut off'.padEnd(10), expect.stringContaining('"count":3'), 'kept', '']);
    expect(JSON.parse(lines[2]!)).toMatchObject({ type: 'platform.logsDropped', record: { count: 3 } });
  });

  it('fails nobody who reports that it is full', () => {
    symlinkSync('/dev/full', join(folder, 'runtime.log'));
    expect(() => createReport(folder)(new Error('full'))).not.toThrow();
  });
});

describe('a secret on a full disk', () => {
  let services: RunningServices;
  let client: SecretsManagerClient;
  const Name = 'subscription/a';

  beforeEach(async () => {
    const all = { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' };
    services = await startServices([role('keeper', [all])], {
      services: ({ dataDir }) => [createSecrets({ resources: [], dataDir, place: PLACE })],
    });
    client = new SecretsManagerClient(services.clientOf('keeper'));
  });
  afterEach(async () => {
    client.destroy();
    await services.stop();
  });

  it('is kept whole or not at all, and whoever makes it is told to come back', async () => {
    const file = `${createHash('sha256').update(Name).digest('hex').slice(0, 32)}.json`;
    const folder = join(services.dataDir, 'secrets', 'made');
    // Where the new value is written first, before it takes the place of the old one.
    symlinkSync('/dev/full', join(folder, `${file}.${process.pid}`));
    const make = () => client.send(new CreateSecretCommand({ Name, SecretString: 'x'.repeat(500) }));
    await expect(make()).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
    expect(readdirSync(folder)).toEqual([]);

    await make();
    expect(readdirSync(folder)).toEqual([file]);
    const kept = await client.send(new GetSecretValueCommand({ SecretId: Name }));
    expect(kept.SecretString).toBe('x'.repeat(500));
  });
});

describe('the file of messages on a full disk', () => {
  let messages: Messages;
  const insert = (text: string) =>
    messages.write(() =>
      messages.database
        .prepare('INSERT INTO message (queue, id, body, sender, sent, visible) VALUES (?, ?, ?, ?, 0, 0)')
        .run('q', text.slice(0, 10), text, 'somebody'),
    );
  const count = () => (messages.database.prepare('SELECT count(*) AS n FROM message').get() as { n: number }).n;
  /** SQLite then behaves as on a disk that holds no more. */
  const limitPages = (pages: number) => messages.database.exec(`PRAGMA max_page_count = ${pages}`);
  const pages = () => (messages.database.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;

  beforeEach(() => {
    messages = openMessages(join(folder, 'messages.db'));
  });
  afterEach(() => messages.close());

  it('refuses what has no room, alone or with others, loses nothing that it took, and goes on', async () => {
    limitPages(pages() + 20);
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, index) => insert(`${index}`.padEnd(3_000, 'x'))));
    const first = outcomes.filter(({ status }) => status === 'fulfilled').length;
    let taken = first;
    let refused: unknown;
    while (refused === undefined)
      await insert('y'.repeat(3_000)).then(
        () => {
          taken += 1;
        },
        (error: unknown) => {
          refused = error;
        },
      );
    expect(isOutOfRoom(refused)).toBe(true);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(isOutOfRoom(outcome.reason)).toBe(true);
    expect(count()).toBe(taken);

    limitPages(100_000);
    await insert('z');
    expect(count()).toBe(taken + 1);
  });
});
