import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { listeningPort } from '../infra/local/engine/listening-port.ts';
import { TABLES, type TableName, type TableShape } from '../infra/tables.ts';

const ENGINE = fileURLToPath(new URL('../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url));
const READY_WITHIN_MS = 60_000;

export interface EngineOptions {
  /** SQLite file that holds the data: it outlives `kill` and the next start finds it. In memory by default. */
  readonly dbPath?: string;
  /** Whether tables have their streams, as deployed (the default). Without them the engine writes faster. */
  readonly stream?: boolean;
}

/** A running engine with the tables of Chesil, for tests. */
export interface Engine {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly recordTable: string;
  readonly auditTable: string;
  readonly chainTable: string;
  readonly oversightTable: string;
  readonly signalsTable: string;
  /** Ends the engine (or, of an engine that was there before, drops the tables). */
  stop(): Promise<void>;
  /** `kill -9`: what was acknowledged must be there after the next start on the same `dbPath`. */
  kill(): Promise<void>;
}

/**
 * Starts the real engine on a port of 127.0.0.1 that it chooses, and creates the tables of Chesil, as the templates describe them.
 * With DYNAMODB_ENDPOINT in the environment that engine is used instead, with tables of their own names.
 */
export async function startEngine({ dbPath, stream = true }: EngineOptions = {}): Promise<Engine> {
  const given = process.env.DYNAMODB_ENDPOINT;
  return given === undefined ? spawnEngine(dbPath, stream) : borrowEngine(given, stream);
}

async function spawnEngine(dbPath: string | undefined, stream: boolean): Promise<Engine> {
  const storage = dbPath === undefined ? [] : ['--db-path', dbPath];
  const child = spawn(ENGINE, ['--host', '127.0.0.1', '--port', '0', ...storage], { stdio: 'ignore' });
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const endpoint = `http://127.0.0.1:${await portOf(child)}`;
  const client = clientOf(endpoint);
  const end = async (signal: NodeJS.Signals) => {
    process.off('exit', endWithUs);
    client.destroy();
    await endChild(child, signal);
  };
  await answering(client, child);
  const tables = tablesNamed('');
  await createTables(client, tables, stream);
  return { endpoint, client, ...tables, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function borrowEngine(endpoint: string, stream: boolean): Promise<Engine> {
  const client = clientOf(endpoint);
  const tables = tablesNamed(`-${randomUUID().slice(0, 8)}`);
  await createTables(client, tables, stream);
  const stop = async () => {
    for (const TableName of Object.values(tables)) await client.send(new DeleteTableCommand({ TableName }));
    client.destroy();
  };
  return { endpoint, client, ...tables, stop, kill: stop };
}

const tablesNamed = (suffix: string) => ({
  recordTable: `Record${suffix}`,
  auditTable: `Audit${suffix}`,
  chainTable: `AuditChain${suffix}`,
  oversightTable: `Oversight${suffix}`,
  signalsTable: `Signals${suffix}`,
});

type TablesNamed = ReturnType<typeof tablesNamed>;

/** Which table goes by which name. */
const DESCRIPTIONS: Readonly<Record<keyof TablesNamed, TableName>> = {
  recordTable: 'Record',
  auditTable: 'Audit',
  chainTable: 'AuditChain',
  oversightTable: 'Oversight',
  signalsTable: 'Signals',
};

const clientOf = (endpoint: string) =>
  new DynamoDBClient({ endpoint, region: 'eu-west-2', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

async function createTables(client: DynamoDBClient, tables: TablesNamed, stream: boolean) {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  for (const [key, name] of Object.entries(tables) as [keyof TablesNamed, string][])
    if (!TableNames.includes(name)) await createTable(client, name, TABLES[DESCRIPTIONS[key]], stream);
}

async function createTable(client: DynamoDBClient, table: string, shape: TableShape, stream: boolean) {
  const { partition, sort, indexes = {}, streams = false } = shape;
  const keys = (hash: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const GlobalSecondaryIndexes = Object.entries(indexes).map(([IndexName, attribute]) => ({
    IndexName,
    KeySchema: keys(attribute),
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  }));
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partition, sort, ...Object.values(indexes)].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: keys(partition),
      ...(GlobalSecondaryIndexes.length === 0 ? {} : { GlobalSecondaryIndexes }),
      ...(stream && streams ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } } : {}),
    }),
  );
}

async function portOf(child: ChildProcess): Promise<number> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const port = child.pid === undefined ? undefined : listeningPort(child.pid);
    if (port !== undefined) return port;
    if (child.exitCode !== null || Date.now() > until) throw new Error('the engine does not listen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function answering(client: DynamoDBClient, child: ChildProcess) {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error('the engine ended before it answered');
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (cause) {
      if (Date.now() > until) throw new Error('the engine does not answer', { cause });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
