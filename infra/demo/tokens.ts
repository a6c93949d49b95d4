/** An app client of a partner. */
export interface DemoClient {
  readonly organisation: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Where a partner's system gets its tokens, and as whom. */
export interface TokenOptions {
  readonly tokenUrl: string;
  readonly clients: readonly DemoClient[];
  readonly signal?: AbortSignal;
}

/** Access tokens of the demo's organisations. */
export interface Tokens {
  /** @throws Error naming the organisation, when it has no client or got no token */
  of(organisation: string): Promise<string>;
}

/** One token an organisation, fetched when first needed. */
export function createTokens({ tokenUrl, clients, signal }: TokenOptions): Tokens {
  const tokens = new Map<string, Promise<string>>();
  const fetchToken = async (organisation: string): Promise<string> => {
    const client = clients.find((candidate) => candidate.organisation === organisation);
    if (client === undefined) throw new Error(`${organisation} has no app client`);
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
      signal: signal ?? null,
    });
    if (!response.ok) throw new Error(`${organisation} got no token (${response.status})`);
    return ((await response.json()) as { access_token: string }).access_token;
  };
  return {
    of: (organisation) => {
      let token = tokens.get(organisation);
      if (token === undefined) {
        token = fetchToken(organisation);
        tokens.set(organisation, token);
      }
      return token;
    },
  };
}
