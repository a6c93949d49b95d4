import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { refuse } from '../../../shared/fhir/outcomes.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { accessAmong, CLERK, createWorld, directory, NURSE, OFFICER, parameters, type World } from './world.ts';

const EMERGENCY = parameters({ 'reason-code': 'emergency', reason: 'Unconscious in the emergency department.' });
const CLAIM = parameters({ 'reason-code': 'in-my-care', reason: 'Came to the ward an hour ago.' });

let world: World;
let person: string;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.engine.stop());
beforeEach(async () => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
  person = createIdentity(randomBytes(32)).person({ system: 'urn:test', value: '1' });
  await world.record(person);
});

const standing = (at: string, viewer = NURSE) => world.grants.grantsOf([person], viewer, at);

describe('breaking the glass', () => {
  it('opens one person to whoever did it, for four hours, and asks the privacy office why', async () => {
    const { status, values } = await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY });
    expect({ status, values }).toEqual({
      status: 200,
      values: {
        id: expect.stringMatching(/^[a-z2-7]{16}$/),
        patient: { reference: `Patient/${person}` },
        from: '2026-11-24T10:00:00.000Z',
        until: '2026-11-24T14:00:00.000Z',
      },
    });
    expect(await standing('2026-11-24T13:59:59.999Z')).toMatchObject([{ id: values.id, kind: 'break-glass' }]);
    expect(await standing('2026-11-24T14:00:00.000Z')).toEqual([]);
    expect(await standing('2026-11-24T11:00:00.000Z', { ...NURSE, staff: 'hampshire|other' })).toEqual([]);
    const { tasks } = await world.dependencies.tasks.page(
      { organisation: 'hhft', office: 'privacy' },
      { limit: 1, wants: (task) => task.person === person },
    );
    expect(tasks).toMatchObject([
      {
        kind: 'break-glass',
        staff: 'hampshire|nurse',
        staffName: 'Somebody nurse',
        reason: { code: 'emergency', text: 'Unconscious in the emergency department.' },
        reviews: [],
      },
    ]);
    expect(await world.noted(person)).toEqual([
      { interaction: 'break-glass', outcome: 'shown', staff: 'hampshire|nurse', grants: [values.id] },
    ]);
  });

  it('is refused to staff of an organisation that takes no part any more, and noted', async () => {
    const organisations = directory.organisations.map((one) =>
      one.id === 'hhft' ? { ...one, names: one.names.map((name) => ({ ...name, to: '2026-11-24' })) } : one,
    );
    const ask = { body: EMERGENCY };
    const access = accessAmong(createDirectory(organisations));
    expect(await world.ask(`Patient/${person}/$break-glass`, ask, { access })).toMatchObject({ status: 403, code: 'may-not' });
    expect(await standing('2026-11-24T11:00:00.000Z')).toEqual([]);
    expect(await world.noted(person)).toMatchObject([{ interaction: 'break-glass', outcome: 'refused' }]);
  });

  it('is noted where it is refused at the door: without a role, or without a scope', async () => {
    const refused = { refusal: refuse('choose-role'), as: { ...NURSE, source: 'main', scopes: ['user/*.rs'] } };
    expect(await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY, refused })).toMatchObject({
      code: 'choose-role',
    });
    world.clock.now = new Date('2026-11-24T10:00:01.000Z');
    expect(await world.ask(`Patient/${person}/$claim-relationship`, { body: CLAIM, scopes: ['openid'] })).toMatchObject({
      code: 'missing-scope',
    });
    expect(await world.noted(person)).toMatchObject([
      { interaction: 'break-glass', outcome: 'refused', staff: 'hampshire|nurse' },
      { interaction: 'claim-relationship', outcome: 'refused', staff: 'hampshire|nurse' },
    ]);
  });

  it('works by the id of the person and by that of a Patient that somebody contributed', async () => {
    await world.ask(`Patient/${person}.${'b'.repeat(16)}/$break-glass`, { body: EMERGENCY });
    expect(await standing('2026-11-24T11:00:00.000Z')).toHaveLength(1);
  });

  it('is done once however often the same request is sent, at once or after it has ended', async () => {
    const requestId = randomUUID();
    const ask = () => world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY, requestId });
    const [first, second] = await Promise.all([ask(), ask()]);
    world.clock.now = new Date('2026-11-25T10:00:00.000Z');
    const third = await ask();
    expect(second.json).toEqual(first.json);
    expect(third.json).toEqual(first.json);
    const { tasks } = await world.dependencies.tasks.page(
      { organisation: 'hhft', office: 'privacy' },
      { limit: 10, wants: (task) => task.person === person },
    );
    expect(tasks).toHaveLength(1);
  });

  it('extends nothing while it stands', async () => {
    await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY });
    world.clock.now = new Date('2026-11-24T12:00:00.000Z');
    const again = await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY });
    expect(again).toMatchObject({ status: 409, code: 'grant-stands' });
    expect(again.json.issue[0].diagnostics).toBe('until 2026-11-24T14:00:00.000Z');
    world.clock.now = new Date('2026-11-24T14:00:00.000Z');
    expect((await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY })).status).toBe(200);
    expect((await world.noted(person)).map(({ outcome }) => outcome)).toEqual(['shown', 'refused', 'shown']);
  });

  it('extends nothing however many ask at once, and whoever comes too late is told and noted', async () => {
    const asked = Array.from({ length: 16 }, (_, index) => hours(1 + index / 2));
    const answers = await Promise.all(asked.map((body) => world.ask(`Patient/${person}/$break-glass`, { body })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...asked.slice(1).map(() => 409)]);
    expect(await standing('2026-11-24T10:30:00.000Z')).toHaveLength(1);
    const noted = await world.noted(person);
    expect(noted.filter(({ outcome }) => outcome === 'refused')).toHaveLength(15);
    const { tasks } = await world.dependencies.tasks.page(
      { organisation: 'hhft', office: 'privacy' },
      { limit: 50, wants: (task) => task.person === person },
    );
    expect(tasks).toHaveLength(1);
  });

  it('keeps the reason in the order in which it is read', async () => {
    const text = 'Unconscious \u202egnihtaerb ton\u202c, \u2067alone\u2069.\nمع أخته في القسم';
    await world.ask(`Patient/${person}/$break-glass`, { body: reason(text) });
    const [grant] = await standing('2026-11-24T11:00:00.000Z');
    expect(grant?.reason.text).toBe('Unconscious gnihtaerb ton, alone.\nمع أخته في القسم');
  });

  it('stands beside a claim', async () => {
    await world.ask(`Patient/${person}/$claim-relationship`, { body: CLAIM });
    expect((await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY })).status).toBe(200);
  });

  it.each([
    ['an administrator', CLERK],
    ['a privacy officer', OFFICER],
    ['a partner system', systemViewer('hhft')],
    ['the person', { ...systemViewer('people'), role: 'person', purpose: 'own-access', person: 'a'.repeat(26) } as const],
    ['a member of staff whom the token does not name', { ...NURSE, staff: undefined }],
  ])('is not for %s, and the attempt is noted', async (_, viewer) => {
    const answer = await world.ask(`Patient/${person}/$break-glass`, { viewer, body: EMERGENCY });
    expect(answer).toMatchObject({ status: 403, code: 'may-not' });
    expect(await world.noted(person)).toMatchObject([{ interaction: 'break-glass', outcome: 'refused' }]);
    expect(await standing('2026-11-24T11:00:00.000Z', viewer)).toEqual([]);
  });

  it('is not done where it cannot be noted', async () => {
    const audit = { ...world.dependencies.audit, record: () => Promise.reject(new Error('no table')) };
    expect(await world.ask(`Patient/${person}/$break-glass`, { body: EMERGENCY }, { audit })).toMatchObject({ status: 503 });
    expect(await standing('2026-11-24T11:00:00.000Z')).toEqual([]);
  });
});

describe('claiming a relationship', () => {
  it.each([
    [undefined, '2026-11-25T10:00:00.000Z'],
    [168, '2026-12-01T10:00:00.000Z'],
  ])('for %s hours ends at %s', async (hours, until) => {
    const parameter = [...CLAIM.parameter, ...(hours === undefined ? [] : [{ name: 'hours', valueInteger: hours }])];
    const answer = await world.ask(`Patient/${person}/$claim-relationship`, { body: { resourceType: 'Parameters', parameter } });
    expect(answer.values.until).toBe(until);
    expect(await standing('2026-11-24T11:00:00.000Z')).toMatchObject([{ kind: 'claimed' }]);
  });
});

const reason = (text: string) => parameters({ 'reason-code': 'emergency', reason: text });
const hours = (value: number) => ({ ...EMERGENCY, parameter: [...EMERGENCY.parameter, { name: 'hours', valueDecimal: value }] });

describe('bad input', () => {
  it.each<[string, unknown, number, string]>([
    ['no body', '', 400, 'body-required'],
    ['a body that is no JSON', '{', 400, 'not-json'],
    ['a body that is no Parameters', { resourceType: 'Patient' }, 400, 'bad-parameters'],
    ['a list', [], 400, 'bad-parameters'],
    ['null', 'null', 400, 'bad-parameters'],
    ['no parameters', { resourceType: 'Parameters' }, 400, 'bad-parameters'],
    ['an unknown parameter', parameters({ 'reason-code': 'emergency', why: 'Because of it.' }), 400, 'bad-parameters'],
    ['a parameter twice', { ...EMERGENCY, parameter: [...EMERGENCY.parameter, ...EMERGENCY.parameter] }, 400, 'bad-parameters'],
    [
      'a number as reason',
      { resourceType: 'Parameters', parameter: [{ name: 'reason', valueInteger: 1 }] },
      400,
      'bad-parameters',
    ],
    [
      'a parameter called __proto__',
      '{"resourceType":"Parameters","parameter":[{"name":"__proto__","valueString":"x"}]}',
      400,
      'bad-parameters',
    ],
    ['an unknown reason', parameters({ 'reason-code': 'curious', reason: 'I would like to know.' }), 400, 'unknown-reason'],
    ['a reason of claims', parameters({ 'reason-code': 'in-my-care', reason: 'Came to the ward.' }), 400, 'unknown-reason'],
    [
      'a reason that every object has',
      parameters({ 'reason-code': 'constructor', reason: 'Came to the ward.' }),
      400,
      'unknown-reason',
    ],
    ['no words', parameters({ 'reason-code': 'emergency' }), 400, 'bad-reason'],
    ['a reason of spaces', reason(' '.repeat(40)), 400, 'bad-reason'],
    ['a reason of characters that nobody sees', reason('\u200b\u00a0\u2003'.repeat(20)), 400, 'bad-reason'],
    ['a reason of letters that are blank', reason('\u3164\u2800\u115f\uffa0'.repeat(10)), 400, 'bad-reason'],
    ['a reason of marks that nobody sees', reason('\u034f\ufe0f\u180b'.repeat(10)), 400, 'bad-reason'],
    ['a reason of dots', reason('. - ! '.repeat(10)), 400, 'bad-reason'],
    ['a reason of one letter', reason('a'.repeat(40)), 400, 'bad-reason'],
    ['a reason of 100 kB', reason('x'.repeat(100_000)), 400, 'bad-reason'],
    [
      'a whole number that is none',
      { ...EMERGENCY, parameter: [...EMERGENCY.parameter, { name: 'hours', valueInteger: 1.5 }] },
      400,
      'bad-parameters',
    ],
    ['less than no hours', hours(-1), 400, 'bad-hours'],
    ['no hours', hours(0), 400, 'bad-hours'],
    ['hours that are over at once', hours(1e-9), 400, 'bad-hours'],
    ['more hours than it may stand', hours(12.01), 400, 'bad-hours'],
    ['a thousand million hours', hours(1e9), 400, 'bad-hours'],
  ])('%s is refused, noted, and grants nothing', async (_, body, status, code) => {
    expect(await world.ask(`Patient/${person}/$break-glass`, { body })).toMatchObject({ status, code });
    expect(await world.noted(person)).toMatchObject([{ interaction: 'break-glass', outcome: 'refused' }]);
    expect(await standing('2026-11-24T10:00:00.000Z')).toEqual([]);
  });

  it.each([
    ['Patient/uhd/$break-glass', 404],
    ['Patient/NOBODY/$break-glass', 404],
    [`Patient/uhd.${'b'.repeat(16)}/$break-glass`, 404],
    ['Patient/x/$everything', 405],
    ['Patient/x/$constructor', 405],
    ['Observation/x/$break-glass', 405],
    ['Patient/x/$break-glass/again', 405],
  ])('%s is answered %d', async (path, status) => {
    expect((await world.ask(path, { body: EMERGENCY })).status).toBe(status);
  });

  it('without a scope to read is refused', async () => {
    const asked = { body: EMERGENCY, scopes: ['user/Observation.rs', 'system/*.rs'] };
    expect(await world.ask(`Patient/${person}/$break-glass`, asked)).toMatchObject({ status: 403, code: 'missing-scope' });
  });
});
