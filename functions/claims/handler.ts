import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readDirectory, readProviders } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys, untilLoaded } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createHandler } from './claims.ts';
import { createClients } from './clients.ts';
import { environment } from './env.ts';

const { CLIENT_PARAMETERS, KEYS_SECRET_ARN, LAMBDA_TASK_ROOT } = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const secrets = new SecretsManagerClient(CLIENT);

/** Read when a person first signs in: systems and staff do not wait for it. */
const readIdentity = untilLoaded(async () => createIdentity((await loadKeys(secrets, KEYS_SECRET_ARN)).identity));

export const handler = createHandler({
  clientOf: createClients({ client: new SSMClient(CLIENT), prefix: CLIENT_PARAMETERS, now: Date.now }),
  directory: readDirectory(LAMBDA_TASK_ROOT),
  providers: readProviders(LAMBDA_TASK_ROOT),
  identity: readIdentity,
  now: () => new Date(),
  log: createLog(),
});
