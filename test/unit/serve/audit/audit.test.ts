import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAudit, unpackDecisions } from '../../../../shared/store/audit.ts';
import { condition, NHS_NUMBERS, observation, patient, practitioner, RESTRICTED } from '../resources.ts';
import { type Asked, createWorld, type World } from '../world.ts';

let world: World;
let person: string;
const [nhsNumber, unknownNumber] = NHS_NUMBERS;
const SECRET_CLASS = 'problems dch restricted';

beforeAll(async () => {
  world = await createWorld();
  person = world.personOf(nhsNumber);
  await world.contribute('uhd', 'uhd', practitioner('smith', 'Smith'));
  await world.contribute(person, 'uhd', patient(nhsNumber), observation(person, 'one'), observation(person, 'two'));
  await world.contribute(person, 'dch', condition(person, 'secret', RESTRICTED));
});
afterAll(() => world?.engine.stop());

/** The entries that one request leaves. */
async function looksOf(path: string, asked: Asked = {}, personId = person) {
  const before = await world.looks(personId);
  const { status } = await world.ask(path, asked);
  const after = await world.looks(personId);
  return { status, looks: after.slice(before.length) };
}

const fragmentId = (sent: ReturnType<typeof observation>, owner = 'uhd') => world.idOf(person, owner, sent);

describe('every look at a person', () => {
  it('is written down whatever labels there are: nobody makes a record unreadable, nor shows by a failure that it exists', async () => {
    const [, , , labelled] = NHS_NUMBERS;
    const other = world.personOf(labelled!);
    const labels = (index: number) => ({
      meta: {
        security: Array.from({ length: 20 }, (_, each) => ({ system: `urn:${'x'.repeat(900)}${index}`, code: `c${each}` })),
      },
    });
    const odd = Array.from({ length: 600 }, (_, index) => observation(other, `odd ${index}`, labels(index)));
    await world.contribute(other, 'uhd', patient(labelled!), ...odd);
    for (const organisation of ['uhd', 'dch']) {
      const { status, looks } = await looksOf(`Patient/${other}/$everything`, { organisation }, other);
      expect([status, looks.length]).toEqual([organisation === 'uhd' ? 200 : 404, 1]);
    }
  });

  it('names the system that asked, where it is not the only one of its organisation', async () => {
    const address = `Observation/${fragmentId(observation(person, 'one'))}`;
    const { looks } = await looksOf(address, { source: 'laboratory' });
    expect(looks).toMatchObject([{ client: 'uhd-epr', source: 'laboratory' }]);
  });

  it('is written down with who, what was shown, and at which state of the record', async () => {
    const { looks } = await looksOf(`Observation/${fragmentId(observation(person, 'one'))}`);
    expect(looks).toEqual([
      {
        person,
        access: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z#/),
        organisation: 'uhd',
        client: 'uhd-epr',
        role: 'system',
        purpose: 'system',
        interaction: 'read',
        type: 'Observation',
        outcome: 'shown',
        shown: { 'findings uhd': 1 },
        withheld: {},
        sequences: { [person]: 2 },
        policyVersion: world.dependencies.access.policyVersion,
        requestId: expect.any(String),
        relationships: ['contributor'],
        grants: [],
        decisions: expect.any(Uint8Array),
        status: 200,
        digest: expect.stringMatching(/^[\w-]{43}$/),
        sealedRequest: expect.any(Uint8Array),
      },
    ]);
    expect(unpackDecisions(looks[0]!.decisions as Uint8Array)).toMatchObject({
      'findings uhd': 'shown',
      [SECRET_CLASS]: 'withheld',
    });
  });

  it('proves what was shown by the digest of the very bytes, laid out or not, confirmed or sent', async () => {
    const path = `Observation/${fragmentId(observation(person, 'one'))}`;
    const digestsOf = async (headers: Record<string, string>, query = '') => {
      const before = (await world.looks(person)).length;
      const { body = '', headers: told } = await world.ask(path + query, { headers });
      const [look] = (await world.looks(person)).slice(before);
      return { told, noted: look?.digest, status: look?.status, sent: createHash('sha256').update(body).digest('base64url') };
    };
    const plain = await digestsOf({});
    const pretty = await digestsOf({}, '?_pretty=true');
    expect(plain.noted).toBe(plain.sent);
    expect(pretty.noted).toBe(pretty.sent);
    expect(pretty.noted).not.toBe(plain.noted);
    const known = await digestsOf({ 'if-none-match': plain.told?.etag ?? '' });
    expect(known).toMatchObject({ status: 304, noted: plain.noted });
  });

  it('says who sat there, for whom and how sure their provider was', async () => {
    const viewer = {
      role: 'clinician',
      purpose: 'direct-care',
      staff: 'dorset|n1',
      name: 'Nora Nurse',
      provider: 'dorset',
      assurance: 'high',
    } as const;
    const { looks } = await looksOf(`Patient/${person}`, { viewer, scopes: ['user/*.rs'] });
    expect(looks).toMatchObject([viewer]);
  });

  it('is written down too where the scopes do not reach: the address names the person', async () => {
    const { status, looks } = await looksOf(`Patient/${person}`, { scopes: ['system/Observation.rs'] });
    expect({ status, looks }).toMatchObject({ status: 403, looks: [{ outcome: 'refused', interaction: 'read', status: 403 }] });
  });

  it.each([
    ['Patient/{person}', 'read', 1, 0],
    ['Patient/{person}/_history', 'history', 1, 0],
    ['Patient/{person}/$everything', 'everything', 3, 1],
    ['Observation?patient={person}', 'search', 2, 1],
    ['Observation?patient={person}&_count=1', 'search', 1, 1],
    ['Observation?patient={person}&_summary=count', 'search', 0, 1],
    ['Patient?identifier={nhs}&_revinclude=Observation:subject', 'search', 3, 1],
  ])('%s', async (path, interaction, shown, withheld) => {
    const { looks } = await looksOf(path.replace('{person}', person).replace('{nhs}', nhsNumber));
    const [look] = looks;
    const sum = (counts: unknown) => Object.values(counts as Record<string, number>).reduce((total, count) => total + count, 0);
    expect(looks).toHaveLength(1);
    expect(look).toMatchObject({ interaction, outcome: 'shown' });
    expect({ shown: sum(look?.shown), withheld: sum(look?.withheld) }).toEqual({ shown, withheld });
    expect(JSON.stringify(look)).not.toContain(nhsNumber);
  });

  it('is written down too when it was refused, with what was withheld', async () => {
    const { status, looks } = await looksOf(`Condition/${fragmentId(condition(person, 'secret'), 'dch')}`);
    expect({ status, looks }).toMatchObject({ status: 404, looks: [{ outcome: 'refused', withheld: { [SECRET_CLASS]: 1 } }] });
    const council = await looksOf(`Observation?patient=${person}`, { organisation: 'council' });
    expect(council.looks).toMatchObject([{ organisation: 'council', outcome: 'refused', interaction: 'search' }]);
  });

  it('is written down also when nobody was found, so that both take the same time', async () => {
    const nobody = world.personOf(unknownNumber);
    expect(await looksOf(`Patient/${nobody}`, {}, nobody)).toMatchObject({ status: 404, looks: [{ outcome: 'refused' }] });
    expect(await looksOf(`Patient?identifier=${unknownNumber}`, {}, nobody)).toMatchObject({
      status: 200,
      looks: [{ outcome: 'refused' }],
    });
  });

  it('is written down once for each of two requests that bear the same id', async () => {
    const before = (await world.looks(person)).length;
    const now = () => new Date('2026-11-20T10:00:00Z');
    const answers = await Promise.all([1, 2].map(() => world.ask(`Patient/${person}`, {}, { now })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await world.looks(person)).length).toBe(before + 2);
  });

  it('is not written down where no person is looked at', async () => {
    const { looks } = await looksOf('Practitioner?family=Smith');
    expect(looks).toEqual([]);
  });
});

describe('without a durable entry', () => {
  it.each([
    'Patient/{person}',
    'Patient/{person}/_history',
    'Patient/{person}/$everything',
    'Observation?patient={person}',
    'Observation/{person}.aaaaaaaaaaaaaaaa',
  ])('%s shows nothing', async (path) => {
    const audit = createAudit({ client: world.engine.client, table: 'NoSuchTable' });
    const { status, body } = await world.ask(path.replace('{person}', person), {}, { audit });
    expect(status).toBe(503);
    expect(body).not.toContain('Purbeck');
    expect(JSON.parse(body!)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'no-store' }] });
  });
});
