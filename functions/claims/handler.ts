import { SSMClient } from '@aws-sdk/client-ssm';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createHandler } from './claims.ts';
import { createClients } from './clients.ts';
import { environment } from './env.ts';

const { CLIENT_PARAMETERS } = readEnvironment(environment);

export const handler = createHandler({
  organisationOf: createClients({ client: new SSMClient(), prefix: CLIENT_PARAMETERS, now: Date.now }),
});
