import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call, Caller } from '../../infra/local/endpoint/service.ts';
import { subscriberPrincipal } from '../../infra/local/iam/principal.ts';
import { createParameters } from '../../infra/local/secrets/parameters.ts';
import { createSecrets } from '../../infra/local/secrets/secrets.ts';
import { PLACE, type RunningServices, resource, role, startServices } from './running-services.ts';

const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-2:000000000000:secret:${name}-abcdef`;
const secret = (name: string, GenerateSecretString: object) =>
  resource(name, 'AWS::SecretsManager::Secret', { Name: name, GenerateSecretString }, { ref: secretArn(name) });
const parameter = (Name: string, Value: string) =>
  resource(`p${Value}`, 'AWS::SSM::Parameter', { Name, Type: 'String', Value }, { ref: Name });

const RESOURCES = [
  secret('keys', {
    SecretStringTemplate: '{"purpose":"identity"}',
    GenerateStringKey: 'identity',
    PasswordLength: 64,
    ExcludePunctuation: true,
  }),
  secret('other', { PasswordLength: 20, ExcludeCharacters: '"\\' }),
  parameter('/chesil/demo/clients/abc', 'uhd'),
  parameter('/chesil/demo/clients/def', 'dch'),
  role('reader', [
    { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: secretArn('keys') },
    {
      Effect: 'Allow',
      Action: ['ssm:GetParameter', 'ssm:GetParametersByPath'],
      Resource: 'arn:aws:ssm:eu-west-2:000000000000:parameter/chesil/demo/clients*',
    },
  ]),
  role('stranger', []),
];

const caller: Caller = { principal: subscriberPrincipal('111111111111'), now: new Date(), signal: new AbortController().signal };

let services: RunningServices;
let secrets: SecretsManagerClient;
let parameters: SSMClient;

beforeAll(async () => {
  services = await startServices(RESOURCES, {
    services: ({ dataDir }) => [
      createSecrets({ resources: RESOURCES, dataDir, place: PLACE }),
      createParameters({ resources: RESOURCES, place: PLACE }),
    ],
  });
  secrets = new SecretsManagerClient(services.clientOf('reader'));
  parameters = new SSMClient(services.clientOf('reader'));
});
afterAll(() => services.stop());

const secretOf = async (SecretId: string) => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString!;

describe('secrets', () => {
  it('are made as the template says', async () => {
    const value = JSON.parse(await secretOf(secretArn('keys')));
    expect(value).toEqual({ purpose: 'identity', identity: expect.stringMatching(/^[A-Za-z0-9]{64}$/) });
    expect(await secretOf('keys')).toBe(JSON.stringify(value));
  });

  it('are made once: a second start finds the same, in files that only the owner can read', async () => {
    const before = await secretOf('keys');
    const again = createSecrets({ resources: RESOURCES, dataDir: services.dataDir, place: PLACE });
    const call = again.actions.GetSecretValue!({ SecretId: 'keys' }) as Call;
    expect(call.run(caller)).toMatchObject({ SecretString: before });
    const folder = join(services.dataDir, 'secrets');
    for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  it('are refused to whoever has no grant, and to nobody else', async () => {
    await expect(secretOf('other')).rejects.toThrow(/not authorized to perform: secretsmanager:GetSecretValue/);
    const stranger = new SecretsManagerClient(services.clientOf('stranger'));
    await expect(stranger.send(new GetSecretValueCommand({ SecretId: 'keys' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(secretOf('nothing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('parameters', () => {
  it('are read by name and by path', async () => {
    const { Parameter } = await parameters.send(new GetParameterCommand({ Name: '/chesil/demo/clients/abc' }));
    expect(Parameter).toMatchObject({
      Value: 'uhd',
      Type: 'String',
      ARN: 'arn:aws:ssm:eu-west-2:000000000000:parameter/chesil/demo/clients/abc',
    });
    const { Parameters } = await parameters.send(new GetParametersByPathCommand({ Path: '/chesil/demo/clients/' }));
    expect(Parameters!.map(({ Value }) => Value)).toEqual(['uhd', 'dch']);
  });

  it('are refused outside the grant, and missing where there is none', async () => {
    await expect(parameters.send(new GetParameterCommand({ Name: '/other' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(parameters.send(new GetParameterCommand({ Name: '/chesil/demo/clients/xyz' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('answers what it does not know with a clear error', async () => {
    await expect(parameters.send(new PutParameterCommand({ Name: '/x', Value: 'y' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});
