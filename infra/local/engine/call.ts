import { Agent, request } from 'node:http';

/** An answer of the engine that is no success. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  /** DynamoDB's error code, such as `ResourceNotFoundException`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Calls the engine as DynamoDB is called, with none of its SDK (which takes a tenth of a second to load). */
export interface EngineCalls {
  /** @throws EngineRefusal, or what the connection failed with */
  call<T>(target: `${'DynamoDB' | 'DynamoDBStreams'}.${string}`, input: object): Promise<T>;
  close(): void;
}

const VERSIONS = { DynamoDB: 'DynamoDB_20120810', DynamoDBStreams: 'DynamoDBStreams_20120810' } as const;

/** The engine checks no signature; it only wants to see one. */
const ANY_SIGNATURE =
  'AWS4-HMAC-SHA256 Credential=LOCALRUNTIME/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

export function createEngineCalls(url: string): EngineCalls {
  const agent = new Agent({ keepAlive: true });
  return {
    async call<T>(target: `${'DynamoDB' | 'DynamoDBStreams'}.${string}`, input: object): Promise<T> {
      const [service, action] = target.split('.') as [keyof typeof VERSIONS, string];
      const { status, text } = await postAgainIfStale(url, agent, `${VERSIONS[service]}.${action}`, JSON.stringify(input));
      const answer = parse(text);
      if (status === 200) return answer as T;
      const { __type = '', message, Message } = answer as { __type?: string; message?: string; Message?: string };
      throw new EngineRefusal(__type.slice(__type.indexOf('#') + 1), message ?? Message ?? `status ${status}`);
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The kept connection was closed before anything was answered: the engine was started again, for example. */
class StaleConnection extends Error {}

/** A call that may have reached the engine is made again: every call of the runtime has the same effect the second time. */
async function postAgainIfStale(...call: Parameters<typeof post>): Promise<Answer> {
  for (;;) {
    try {
      return await post(...call);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
    }
  }
}

const isClosed = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE';

function post(url: string, agent: Agent, target: string, body: string): Promise<Answer> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
    authorization: ANY_SIGNATURE,
    'x-amz-date': '20260101T000000Z',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', (error) => reject(outgoing.reusedSocket && isClosed(error) ? new StaleConnection() : error));
    outgoing.end(body);
  });
}
