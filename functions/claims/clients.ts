import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { isOrganisationId } from '../../shared/record/identity.ts';

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

/** Looks up whose an app client is. */
export function createClients({ client, prefix, now }: ClientDependencies): (clientId: string) => Promise<string | undefined> {
  const known = new Map<string, { organisation: string; until: number }>();
  return async (clientId) => {
    const remembered = known.get(clientId);
    if (remembered !== undefined && remembered.until > now()) return remembered.organisation;
    const organisation = CLIENT_ID.test(clientId) ? await read(client, prefix + clientId) : undefined;
    if (organisation === undefined) known.delete(clientId);
    else known.set(clientId, { organisation, until: now() + REMEMBERED_MS });
    return organisation;
  };
}

async function read(client: SSMClient, name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
    const organisation = Parameter?.Value ?? '';
    if (!isOrganisationId(organisation)) throw new Error('the parameter of a client holds no organisation');
    return organisation;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
