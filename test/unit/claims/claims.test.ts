import { SSMClient } from '@aws-sdk/client-ssm';
import type { PreTokenGenerationV3TriggerEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/claims/claims.ts';
import { createClients } from '../../../functions/claims/clients.ts';
import { createParameters } from '../../../infra/local/secrets/parameters.ts';
import { PLACE, type RunningServices, resource, role, startServices } from '../../local/running-services.ts';

const PREFIX = '/chesil/test/clients/';

const parameter = (name: string, value: string) =>
  resource(name, 'AWS::SSM::Parameter', { Name: name, Type: 'String', Value: value });

const resources = [
  parameter(`${PREFIX}0client0of0uhd0`, 'uhd'),
  parameter(`${PREFIX}0client0gone0wrong0`, 'Not An Organisation'),
  parameter('/chesil/test/other', 'dch'),
  role('claims', [{ Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `arn:aws:ssm:*:*:parameter${PREFIX}*` }]),
];

let services: RunningServices;
let client: SSMClient;

beforeAll(async () => {
  services = await startServices(resources, { services: () => [createParameters({ resources, place: PLACE })] });
  client = new SSMClient(services.clientOf('claims'));
});
afterAll(async () => {
  client.destroy();
  await services.stop();
});

const event = (clientId: string, told: object = {}) =>
  ({
    version: '3',
    triggerSource: 'TokenGeneration_ClientCredentials',
    region: 'eu-west-2',
    userPoolId: 'pool',
    callerContext: { awsSdkVersion: '1', clientId },
    request: { userAttributes: {}, groupConfiguration: {}, scopes: ['system/*.rs'] },
    response: { claimsAndScopeOverrideDetails: {} },
    ...told,
  }) as PreTokenGenerationV3TriggerEvent;

const claims = (now = Date.now) => createHandler({ organisationOf: createClients({ client, prefix: PREFIX, now }) });

describe('claims', () => {
  it('puts the organisation of the client into the token', async () => {
    const { response } = await claims()(event('0client0of0uhd0'));
    expect(response).toEqual({
      claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: { organisation: 'uhd' } } },
    });
  });

  it.each([
    ['a client that nobody entered', '0client0unknown0'],
    ['an id that would name another parameter', '../other'],
    ['an empty id', ''],
  ])('gives no token to %s', async (_, clientId) => {
    await expect(claims()(event(clientId))).rejects.toThrow('the client belongs to no organisation');
  });

  it('gives no token where the parameter holds no organisation', async () => {
    await expect(claims()(event('0client0gone0wrong0'))).rejects.toThrow('the parameter of a client holds no organisation');
  });

  it('gives no token to a person: nobody signs in here', async () => {
    const asked = claims()(event('0client0of0uhd0', { triggerSource: 'TokenGeneration_HostedAuth' }));
    await expect(asked).rejects.toThrow('only tokens of client credentials are issued');
  });

  it('looks a client up again after five minutes', async () => {
    let now = 0;
    const lookups: string[] = [];
    const counted = new SSMClient(services.clientOf('claims'));
    counted.middlewareStack.add(
      (next) => (args) => {
        lookups.push('asked');
        return next(args);
      },
      { step: 'build' },
    );
    const organisationOf = createClients({ client: counted, prefix: PREFIX, now: () => now });
    for (const minute of [0, 1, 4]) {
      now = minute * 60_000;
      expect(await organisationOf('0client0of0uhd0')).toBe('uhd');
    }
    expect(lookups).toHaveLength(1);
    now = 6 * 60_000;
    expect(await organisationOf('0client0of0uhd0')).toBe('uhd');
    expect(lookups).toHaveLength(2);
    counted.destroy();
  });
});
