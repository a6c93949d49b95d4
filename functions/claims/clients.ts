import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { isOrganisationId } from '../../shared/record/identity.ts';
import { DEFAULT_SOURCE, isSourceName } from '../../shared/record/source-names.ts';

export interface ClientDependencies {
  readonly client: SSMClient;
  /** Begins the name of every client's parameter; the client id ends it. */
  readonly prefix: string;
  readonly now: () => number;
}

/** Cognito: a client id is of letters, digits and pluses. Nothing else may get into the name of a parameter. */
const CLIENT_ID = /^[\w+]{1,128}$/;

/** How long a client is remembered: one that is taken away gets no new token after that. */
const REMEMBERED_MS = 5 * 60_000;

/** What the settings say of an app client: whose it is, and which of their systems. */
export interface RegisteredClient {
  readonly organisation: string;
  readonly source: string;
}

/** Looks up whose an app client is. */
export function createClients({
  client,
  prefix,
  now,
}: ClientDependencies): (clientId: string) => Promise<RegisteredClient | undefined> {
  const known = new Map<string, { registered: RegisteredClient; until: number }>();
  return async (clientId) => {
    const remembered = known.get(clientId);
    if (remembered !== undefined && remembered.until > now()) return remembered.registered;
    const registered = CLIENT_ID.test(clientId) ? await read(client, prefix + clientId) : undefined;
    if (registered === undefined) known.delete(clientId);
    else known.set(clientId, { registered, until: now() + REMEMBERED_MS });
    return registered;
  };
}

async function read(client: SSMClient, name: string): Promise<RegisteredClient | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
    const [organisation = '', source = DEFAULT_SOURCE, ...more] = (Parameter?.Value ?? '').split('/');
    if (!isOrganisationId(organisation) || !isSourceName(source) || more.length > 0)
      throw new Error('the parameter of a client holds no organisation and source');
    return { organisation, source };
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
