import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes } from '../../../../functions/serve/routes.ts';
import { createAccess } from '../../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../../shared/access/policy-set.ts';
import { createDirectory, type Organisation } from '../../../../shared/directory/directory.ts';
import type { Provider } from '../../../../shared/directory/providers.ts';
import { apiHandler } from '../../../../shared/lambda/api.ts';
import type { Log, LogFields } from '../../../../shared/lambda/logger.ts';
import { partnershipOf } from '../../../partnership.ts';
import { signedIn, tokenOf } from '../../claims/asking.ts';
import { condition, NHS_NUMBERS, patient, registeredWith } from '../resources.ts';
import { createWorld, directory, type World } from '../world.ts';

/** The county's provider, as its settings have it. */
const county: Provider = {
  id: 'county',
  name: 'County',
  shape: 'groups',
  connection: { protocol: 'saml', metadataUrl: 'https://login.county.example/metadata' },
  speaksFor: ['surgery', 'uhd'],
  domains: [],
  roles: [
    { claim: 'gps', role: 'gp', organisation: 'surgery' },
    { claim: 'reception', role: 'clerical', organisation: 'surgery' },
    { claim: 'bank-staff', role: 'clinician', organisation: 'uhd' },
  ],
  assurance: { mfa: 'high' },
};

let world: World;
let person: string;
let diabetes: string;
beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(NHS_NUMBERS[0]);
  const sent = condition(person, 'diabetes');
  diabetes = world.idOf(person, 'dch', sent);
  await world.contribute(person, 'surgery', patient(NHS_NUMBERS[0], registeredWith('X99030')));
  await world.contribute(person, 'dch', sent);
});
afterAll(() => world?.engine.stop());

/** Claims of the token of somebody whom the county puts into these groups, as API Gateway hands them on. */
async function tokenIn(groups: string, scope = 'openid user/*.rs') {
  const attributes = { name: 'Dr Example', 'custom:staff_id': 'e-100', 'custom:assurance': 'mfa', 'custom:roles': groups };
  const { claims } = await tokenOf(signedIn('county', attributes, scope.split(' ')), {
    organisations: directory.organisations,
    providers: [county],
  });
  return { ...claims, client_id: 'portal', scope };
}

type Headers = Readonly<Record<string, readonly string[]>>;
interface Logged {
  readonly message: string;
  readonly fields: LogFields;
}

/** Asks as API Gateway does, once it has believed the token. */
async function ask(path: string, claims: object, headers: Headers = {}, organisations?: readonly Organisation[]) {
  const logged: Logged[] = [];
  const keep = (message: string, fields: LogFields = {}) => void logged.push({ message, fields });
  const log: Log = { info: keep, warn: keep, error: keep };
  const policies = loadPolicies(readPolicies(resolve(import.meta.dirname, '../../../../shared/access/policies')));
  const known = organisations === undefined ? directory : createDirectory(organisations);
  const routes = createRoutes({ ...world.dependencies, directory: known, access: createAccess(policies, partnershipOf(known)) });
  const event = {
    httpMethod: 'GET',
    path: `/R4/${path}`,
    resource: '/R4/{type}/{id}',
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.at(-1)])),
    multiValueHeaders: headers,
    body: null,
    isBase64Encoded: false,
    requestContext: { requestId: randomUUID(), path: `/fhir/R4/${path}`, authorizer: { claims } },
  } as unknown as APIGatewayProxyEvent;
  const before = (await world.looks(person)).length;
  const { statusCode, body } = await apiHandler(routes, log)(event, {} as Context);
  const json = JSON.parse(body);
  return {
    status: statusCode,
    json,
    code: json.issue?.[0].details.coding[0].code as string | undefined,
    looks: (await world.looks(person)).slice(before),
    logged,
  };
}

const actingAs = (id: string): Headers => ({ 'NHSD-Session-URID': [id] });

describe('somebody with two roles at once', () => {
  it('is asked to choose, and shown nothing; that they tried is in the audit', async () => {
    const { status, code, json, looks } = await ask(`Condition/${diabetes}`, await tokenIn('gps,bank-staff'));
    expect([status, code]).toEqual([400, 'choose-role']);
    expect(json.issue[0].details.text).toContain('NHSD-Session-URID');
    expect(JSON.stringify(json)).not.toContain(person);
    expect(looks).toEqual([
      expect.objectContaining({ staff: 'county|e-100', interaction: 'read', type: 'Condition', outcome: 'refused' }),
    ]);
  });

  it('reads the same answer whether or not there is such a person', async () => {
    const claims = await tokenIn('gps,bank-staff');
    const answers = await Promise.all(
      [`Patient/${person}`, 'Patient/aaaaaaaaaaaaaaaaaaaaaaaaaa', 'Nonsense'].map((path) => ask(path, claims)),
    );
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
  });

  it('sees in the one what the practice may see, which is in the audit by name, role and organisation', async () => {
    const { status, looks } = await ask(`Condition/${diabetes}`, await tokenIn('gps,bank-staff'), actingAs('surgery:gp'));
    expect(status).toBe(200);
    expect(looks).toEqual([
      expect.objectContaining({
        organisation: 'surgery',
        role: 'gp',
        staff: 'county|e-100',
        name: 'Dr Example',
        provider: 'county',
        assurance: 'high',
        outcome: 'shown',
      }),
    ]);
  });

  it('sees in the other what that hospital may see: nothing, and that is in the audit too', async () => {
    const claims = await tokenIn('gps,bank-staff');
    const { status, code, looks } = await ask(`Condition/${diabetes}`, claims, actingAs('uhd:clinician'));
    expect([status, code]).toEqual([404, 'not-found']);
    expect(looks).toEqual([
      expect.objectContaining({ organisation: 'uhd', role: 'clinician', staff: 'county|e-100', outcome: 'refused' }),
    ]);
  });

  it.each<[string, Headers]>([
    ['both in one header', { 'NHSD-Session-URID': ['surgery:gp, uhd:clinician'] }],
    ['both in two headers', { 'NHSD-Session-URID': ['surgery:gp', 'uhd:clinician'] }],
    ['one that is a colleague’s', actingAs('dch:clinician')],
  ])('cannot name %s', async (_, headers) => {
    const { status, code } = await ask(`Condition/${diabetes}`, await tokenIn('gps,bank-staff'), headers);
    expect([status, code]).toEqual([400, 'choose-role']);
  });
});

describe('a scope that is wider than the role', () => {
  it('opens nothing that the role does not see', async () => {
    const reception = await tokenIn('reception', 'user/*.rs user/Condition.rs');
    const { status, code, looks } = await ask(`Condition/${diabetes}`, reception);
    expect([status, code]).toEqual([404, 'not-found']);
    expect(looks).toEqual([expect.objectContaining({ role: 'clerical', outcome: 'refused' })]);
    expect((await ask(`Patient/${person}`, reception)).status).toBe(200);
  });

  it('of a system is worth nothing in the token of somebody who signed in', async () => {
    const claims = { ...(await tokenIn('gps')), scope: 'user/*.rs system/*.cruds' };
    expect(await ask(`Condition/${diabetes}`, claims)).toMatchObject({ status: 401, code: 'unauthorised', looks: [] });
  });
});

describe('an organisation that has left', () => {
  const left = directory.organisations.map((one) =>
    one.id === 'surgery' ? { ...one, names: [{ value: 'SURGERY NHS', to: '2020-01-01' }] } : one,
  );

  it('sees nothing from that day on, though the token still stands; and the attempt is in the audit', async () => {
    const { status, code, looks } = await ask(`Condition/${diabetes}`, await tokenIn('gps'), {}, left);
    expect([status, code]).toEqual([404, 'not-found']);
    expect(looks).toEqual([expect.objectContaining({ organisation: 'surgery', staff: 'county|e-100', outcome: 'refused' })]);
  });

  it('sees nothing by its systems either, not even what it sent itself', async () => {
    const system = { organisation: 'surgery', client_id: 'surgery-epr', scope: 'system/*.rs' };
    expect((await ask(`Patient/${person}`, system)).status).toBe(200);
    expect(await ask(`Patient/${person}`, system, {}, left)).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('is answered as one that was never known', async () => {
    const unknown = directory.organisations.filter(({ id }) => id !== 'surgery');
    const claims = await tokenIn('gps');
    const gone = await ask(`Condition/${diabetes}`, claims, {}, left);
    expect((await ask(`Condition/${diabetes}`, claims, {}, unknown)).json).toEqual(gone.json);
  });
});

describe('a role that nobody knows any more', () => {
  it('is no role: the token is worth nothing, and a new one says what it can', async () => {
    const claims = { ...(await tokenIn('gps')), roles: '[{"id":"surgery:matron","organisation":"surgery","role":"matron"}]' };
    expect(await ask(`Condition/${diabetes}`, claims)).toMatchObject({ status: 401, code: 'unauthorised', looks: [] });
  });
});

describe('clocks that are wrong', () => {
  it('of callers change nothing: what counts is when it is here', async () => {
    const claims = { ...(await tokenIn('gps')), iat: '1', auth_time: '1' };
    const told = { Date: ['Wed, 01 Jan 2014 00:00:00 GMT'], 'If-Modified-Since': ['Wed, 01 Jan 2014 00:00:00 GMT'] };
    const { status, looks } = await ask(`Condition/${diabetes}`, claims, told);
    expect(status).toBe(200);
    expect(Math.abs(Date.parse(String(looks[0]!.access).slice(0, 24)) - Date.now())).toBeLessThan(60_000);
  });
});

describe('a purpose that the role does not have', () => {
  it('is refused, and the attempt is in the audit', async () => {
    const { status, code, looks } = await ask(`Patient/${person}`, await tokenIn('gps'), { 'Chesil-Purpose': ['investigation'] });
    expect([status, code]).toEqual([400, 'bad-purpose']);
    expect(looks).toEqual([expect.objectContaining({ staff: 'county|e-100', role: 'gp', outcome: 'refused' })]);
  });
});

describe('what is logged', () => {
  it('is for whom and in which role, and never who', async () => {
    const { logged } = await ask(`Condition/${diabetes}`, await tokenIn('gps'));
    expect(logged.at(-1)).toMatchObject({ message: 'answered', fields: { organisation: 'surgery', role: 'gp', status: 200 } });
    expect(JSON.stringify(logged)).not.toMatch(/e-100|Example|county/);
  });
});
