import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call, Caller } from '../../infra/local/endpoint/service.ts';
import { subscriberPrincipal } from '../../infra/local/iam/principal.ts';
import { createParameters } from '../../infra/local/secrets/parameters.ts';
import { createSecrets } from '../../infra/local/secrets/secrets.ts';
import { PLACE, type RunningServices, resource, role, startServices } from './running-services.ts';

const SECRETS = 'arn:aws:secretsmanager:eu-west-2:000000000000:secret';
const keyArn = 'arn:aws:kms:eu-west-2:000000000000:key/k1';
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
  resource(
    'key',
    'AWS::KMS::Key',
    {
      KeyPolicy: {
        Statement: { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Resource: '*' },
      },
    },
    { ref: 'k1', arn: keyArn },
  ),
  role('subscribe', [
    {
      Effect: 'Allow',
      Action: 'secretsmanager:*',
      Resource: [`${SECRETS}:subscription/?-??????`, `${SECRETS}:subscription/locked-??????`],
    },
    { Effect: 'Allow', Action: 'secretsmanager:ListSecrets', Resource: '*' },
  ]),
  role('locksmith', [
    { Effect: 'Allow', Action: 'secretsmanager:*', Resource: `${SECRETS}:subscription/locked-??????` },
    { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: keyArn },
  ]),
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
    const files = (await readdir(folder, { withFileTypes: true, recursive: true })).filter((one) => one.isFile());
    for (const { parentPath, name } of files) expect((await stat(join(parentPath, name))).mode & 0o777).toBe(0o600);
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

describe('a secret that is made at run time', () => {
  let client: SecretsManagerClient;
  beforeAll(() => {
    client = new SecretsManagerClient(services.clientOf('subscribe'));
  });
  const create = (Name: string, SecretString = 'first', more = {}) =>
    client.send(new CreateSecretCommand({ Name, SecretString, ...more }));
  const read = (SecretId: string, more = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));
  const destroy = (SecretId: string) => client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  const refusalOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      ({ name }: Error) => name,
    );
  const NAME = 'subscription/1';

  it('is read by name and by an ARN that nobody can guess, also after a restart', async () => {
    const made = await create(NAME, 'first', { Tags: [{ Key: 'of', Value: 'a test' }], Description: 'keys' });
    expect(made).toMatchObject({ Name: NAME, VersionId: expect.any(String) });
    expect(made.ARN).toMatch(/:secret:subscription\/1-[A-Za-z0-9]{6}$/);
    for (const id of [NAME, made.ARN!, made.ARN!.slice(0, -7)]) expect(await read(id)).toMatchObject({ SecretString: 'first' });
    const again = createSecrets({ resources: RESOURCES, dataDir: services.dataDir, place: PLACE });
    expect((again.actions.GetSecretValue!({ SecretId: NAME }) as Call).run(caller)).toMatchObject({ ARN: made.ARN });
    expect(await client.send(new DescribeSecretCommand({ SecretId: NAME }))).toMatchObject({
      Description: 'keys',
      Tags: [{ Key: 'of', Value: 'a test' }],
      VersionIdsToStages: { [made.VersionId!]: ['AWSCURRENT'] },
    });
    await destroy(NAME);
  });

  it('keeps its value before the current one, and every value that a stage names', async () => {
    const { VersionId } = await create(NAME);
    await client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'second' }));
    await client.send(new UpdateSecretCommand({ SecretId: NAME, SecretString: 'third' }));
    await client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'next', VersionStages: ['AWSPENDING'] }));
    const stages = ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'];
    const values = await Promise.all(stages.map(async (VersionStage) => (await read(NAME, { VersionStage })).SecretString));
    expect(values).toEqual(['third', 'second', 'next']);
    expect(await read(NAME, { VersionId })).toMatchObject({ SecretString: 'first' });
    expect(await refusalOf(read(NAME, { VersionStage: 'OTHER' }))).toBe('ResourceNotFoundException');
    await destroy(NAME);
  });

  it('is made once: the same request again has the same answer, another is refused', async () => {
    const ClientRequestToken = 'a-token-of-thirty-two-characters';
    const made = await create(NAME, 'first', { ClientRequestToken });
    expect(await create(NAME, 'first', { ClientRequestToken })).toMatchObject({ ARN: made.ARN, VersionId: ClientRequestToken });
    expect(await refusalOf(create(NAME, 'other', { ClientRequestToken }))).toBe('ResourceExistsException');
    expect(await refusalOf(create(NAME))).toBe('ResourceExistsException');
    const put = new PutSecretValueCommand({ SecretId: NAME, SecretString: 'other', ClientRequestToken });
    expect(await refusalOf(client.send(put))).toBe('ResourceExistsException');
    await destroy(NAME);
  });

  it('can be restored for a while, unless it is deleted for good', async () => {
    await create(NAME);
    await client.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    expect(await refusalOf(read(NAME))).toBe('InvalidRequestException');
    expect(await refusalOf(create(NAME))).toBe('InvalidRequestException');
    await client.send(new RestoreSecretCommand({ SecretId: NAME }));
    expect(await read(NAME)).toMatchObject({ SecretString: 'first' });
    await destroy(NAME);
    expect(await refusalOf(read(NAME))).toBe('ResourceNotFoundException');
    await destroy(NAME);
    const both = new DeleteSecretCommand({ SecretId: NAME, ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 });
    expect(await refusalOf(client.send(both))).toBe('InvalidParameterException');
  });

  it('is found by how its name begins', async () => {
    for (const n of [1, 2, 3]) await create(`subscription/${n}`);
    const Filters = [{ Key: 'name' as const, Values: ['subscription/'] }];
    const first = await client.send(new ListSecretsCommand({ Filters, MaxResults: 2 }));
    const rest = await client.send(new ListSecretsCommand({ Filters, NextToken: first.NextToken }));
    const names = [first, rest].map(({ SecretList }) => SecretList!.map(({ Name }) => Name));
    expect(names).toEqual([['subscription/1', 'subscription/2'], ['subscription/3']]);
    for (const n of [1, 2, 3]) await destroy(`subscription/${n}`);
  });

  it('is refused to a role that names other secrets, or may not use its key', async () => {
    await expect(create('other/1')).rejects.toThrow(/secretsmanager:CreateSecret on resource: .*secret:other\/1-[A-Za-z0-9]{6}/);
    const Name = 'subscription/locked';
    await expect(create(Name, 'first', { KmsKeyId: 'k1' })).rejects.toThrow(/kms:GenerateDataKey/);
    const locksmith = new SecretsManagerClient(services.clientOf('locksmith'));
    await locksmith.send(new CreateSecretCommand({ Name, SecretString: 'locked', KmsKeyId: keyArn }));
    await expect(read(Name)).rejects.toThrow(/kms:Decrypt/);
    expect(await locksmith.send(new GetSecretValueCommand({ SecretId: Name }))).toMatchObject({ SecretString: 'locked' });
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
