import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClients } from '../../../functions/claims/clients.ts';
import { REFUSALS } from '../../../functions/claims/refusals.ts';
import { demo } from '../../../infra/deployments/demo.ts';
import { createParameters } from '../../../infra/local/secrets/parameters.ts';
import { PLACE, type RunningServices, resource, role, startServices } from '../../local/running-services.ts';
import { type Logged, question, trigger } from './asking.ts';

const PREFIX = '/chesil/test/clients/';

const parameter = (name: string, value: string) =>
  resource(name, 'AWS::SSM::Parameter', { Name: name, Type: 'String', Value: value });

/** No organisation, no source, and one word too many. */
const WRONG = ['Not An Organisation', 'uhd/', 'uhd/Laboratory', 'uhd/laboratory/2'];

const resources = [
  parameter(`${PREFIX}0client0of0uhd0`, 'uhd'),
  parameter(`${PREFIX}0client0of0laboratory0`, 'uhd/laboratory'),
  ...WRONG.map((value, index) => parameter(`${PREFIX}0wrong0${index}`, value)),
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

const event = (clientId: string) =>
  question({
    triggerSource: 'TokenGeneration_ClientCredentials',
    callerContext: { awsSdkVersion: '1', clientId },
    request: { userAttributes: {}, groupConfiguration: {}, scopes: ['system/*.rs'] },
  });

const claims = (world: Parameters<typeof trigger>[0] = {}) =>
  trigger({ clientOf: createClients({ client, prefix: PREFIX, now: Date.now }), ...world });

describe('a system that asks for a token', () => {
  it('gets one with the organisation of the client in it', async () => {
    const { response } = await claims()(event('0client0of0uhd0'));
    expect(response).toEqual({
      claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: { organisation: 'uhd' } } },
    });
  });

  it('gets one with its source too, where the settings name one', async () => {
    const { response } = await claims()(event('0client0of0laboratory0'));
    expect(response).toEqual({
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: { claimsToAddOrOverride: { organisation: 'uhd', source: 'laboratory' } },
      },
    });
  });

  it.each([
    ['a client that nobody entered', '0client0unknown0'],
    ['an id that would name another parameter', '../other'],
    ['an empty id', ''],
  ])('gets none: %s', async (_, clientId) => {
    await expect(claims()(event(clientId))).rejects.toThrow(REFUSALS['client-unknown']);
  });

  it.each([...WRONG.keys()])(
    'gets none where the parameter is wrong, and hears only that something failed: %s',
    async (index) => {
      const logged: Logged[] = [];
      const asked = claims({ logged })(event(`0wrong0${index}`));
      await expect(asked).rejects.toThrow('Something failed on our side. Try again in a few minutes.');
      expect(logged.map(({ message }) => message)).toEqual(['a token could not be decided']);
    },
  );

  it('gets none once its organisation has left', async () => {
    const organisations = demo.organisations.map((one) =>
      one.id === 'uhd' ? { ...one, names: [{ value: 'University Hospitals Dorset', to: '2026-01-01' }] } : one,
    );
    await expect(claims({ organisations })(event('0client0of0uhd0'))).rejects.toThrow(REFUSALS['client-left']);
  });

  it('gets one under its old name where its organisation has merged: what it loads is its own', async () => {
    const organisations = demo.organisations.map((one) =>
      one.id === 'uhd' ? { ...one, successors: [{ organisation: 'dch', on: '2026-01-01' }] } : one,
    );
    const { response } = await claims({ organisations })(event('0client0of0uhd0'));
    expect(response.claimsAndScopeOverrideDetails.accessTokenGeneration?.claimsToAddOrOverride).toEqual({ organisation: 'uhd' });
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
    const clientOf = createClients({ client: counted, prefix: PREFIX, now: () => now });
    for (const minute of [0, 1, 4]) {
      now = minute * 60_000;
      expect(await clientOf('0client0of0uhd0')).toEqual({ organisation: 'uhd', source: 'main' });
    }
    expect(lookups).toHaveLength(1);
    now = 6 * 60_000;
    expect(await clientOf('0client0of0uhd0')).toEqual({ organisation: 'uhd', source: 'main' });
    expect(lookups).toHaveLength(2);
    counted.destroy();
  });
});
