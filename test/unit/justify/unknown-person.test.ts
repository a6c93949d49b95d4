import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { refuse } from '../../../shared/fhir/outcomes.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { createKnownPersons } from '../../../shared/store/known-persons.ts';
import { createGrants } from '../../../shared/store/oversight/grants.ts';
import { CLERK, createWorld, NURSE, parameters, type World } from './world.ts';

const EMERGENCY = { 'reason-code': 'emergency', reason: 'Unconscious in the emergency department.' };
const CLAIM = { 'reason-code': 'in-my-care', reason: 'Came to the ward an hour ago.' };
const OPERATIONS = [
  ['$break-glass', EMERGENCY],
  ['$claim-relationship', CLAIM],
] as const;
const AT = '2026-11-24T11:00:00.000Z';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.engine.stop());
beforeEach(() => {
  world.clock.now = new Date('2026-11-24T10:00:00.000Z');
});

/** A made-up NHS number that no test before had. */
const numbers = (function* () {
  for (let nine = 999_100_000; ; nine++) {
    const sum = [...String(nine)].reduce((all, digit, index) => all + Number(digit) * (10 - index), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) yield `${nine}${check}`;
  }
})();
const somebody = async ({ isKnown }: { readonly isKnown: boolean }) => {
  const nhsNumber = numbers.next().value!;
  const person = world.identity.person({ system: NHS_NUMBER, value: nhsNumber });
  if (isKnown) await world.record(person);
  return { nhsNumber, person };
};
const byNumber = (nhsNumber: string, values: Record<string, string | number> = EMERGENCY) =>
  parameters({ 'nhs-number': nhsNumber, ...values });
const withPatient = (identifier: unknown) => {
  const { resourceType, parameter } = parameters(EMERGENCY);
  return { resourceType, parameter: [{ name: 'patient', valueIdentifier: identifier }, ...parameter] };
};
const tasksAbout = async (person: string) =>
  (
    await world.dependencies.tasks.page(
      { organisation: 'hhft', office: 'privacy' },
      { limit: 50, wants: (task) => task.person === person },
    )
  ).tasks;

describe('an operation that opens a record by NHS number', () => {
  it.each(OPERATIONS)('%s does so, says by which id the person is known, and is reviewed', async (operation, values) => {
    const { nhsNumber, person } = await somebody({ isKnown: true });
    const answer = await world.ask(`Patient/${operation}`, { body: byNumber(nhsNumber, values) });
    expect(answer).toMatchObject({ status: 200, values: { patient: { reference: `Patient/${person}` } } });
    expect(JSON.stringify(answer.json)).not.toContain(nhsNumber);
    expect(await world.grants.grantsOf([person], NURSE, AT)).toMatchObject([{ id: answer.values.id, person }]);
    expect(await tasksAbout(person)).toMatchObject([{ grant: { id: answer.values.id } }]);
    expect(await world.noted(person)).toMatchObject([{ outcome: 'shown', grants: [answer.values.id] }]);
  });

  it.each([
    ['as people write it', (number: string) => byNumber(`${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`)],
    ['as an Identifier', (number: string) => withPatient({ system: NHS_NUMBER, value: number })],
  ])('takes the number %s', async (_, bodyOf) => {
    const { nhsNumber, person } = await somebody({ isKnown: true });
    const { values } = await world.ask('Patient/$break-glass', { body: bodyOf(nhsNumber) });
    expect(values.patient).toEqual({ reference: `Patient/${person}` });
  });

  it.each([
    ['nobody', parameters(EMERGENCY), 'name-one-person'],
    ['two persons', { ...withPatient({ system: NHS_NUMBER, value: '9990000018' }), twice: true }, 'name-one-person'],
    ['a number of another system', withPatient({ system: 'urn:mrn', value: '1' }), 'name-one-person'],
    ['a wrong check digit', byNumber('9990000019'), 'bad-nhs-number'],
    ['an Identifier without a value', withPatient({ system: NHS_NUMBER }), 'bad-parameters'],
    ['an Identifier that is a text', withPatient('9990000018'), 'bad-parameters'],
  ])('refuses %s', async (_, asked, code) => {
    const { twice, ...body } = asked as ReturnType<typeof withPatient> & { twice?: boolean };
    const parameter = twice ? [...body.parameter, { name: 'nhs-number', valueString: '9990000018' }] : body.parameter;
    const answer = await world.ask('Patient/$break-glass', { body: { ...body, parameter } });
    expect(answer).toMatchObject({ status: 400, code });
    expect((await world.ask('Patient/$break-glass', { viewer: CLERK, body: { ...body, parameter } })).status).toBe(403);
  });

  it('is not taken beside an id in the address, and writes to the audit whoever may not', async () => {
    const { nhsNumber, person } = await somebody({ isKnown: true });
    expect(await world.ask(`Patient/${person}/$break-glass`, { body: byNumber(nhsNumber) })).toMatchObject({
      code: 'bad-parameters',
    });
    world.clock.now = new Date('2026-11-24T10:00:01.000Z');
    for (const viewer of [CLERK, systemViewer('hhft')])
      expect((await world.ask('Patient/$break-glass', { viewer, body: byNumber(nhsNumber) })).code).toBe('may-not');
    const refused = { refusal: refuse('choose-role'), as: { ...NURSE, source: 'main', scopes: ['user/*.rs'] } };
    expect((await world.ask('Patient/$break-glass', { body: byNumber(nhsNumber), refused })).code).toBe('choose-role');
    expect((await world.noted(person)).map(({ outcome }) => outcome)).toEqual(Array(4).fill('refused'));
    expect((await world.ask('Patient/$watch', { body: byNumber(nhsNumber) })).status).toBe(405);
  });
});

/** Dependencies whose requests to the tables are written down: which command, to which table, with how many items. */
function watched() {
  const steps: string[] = [];
  const client = world.engine.client;
  const send = async (command: Parameters<typeof client.send>[0]) => {
    const { TableName = 'several', TransactItems = [] } = command.input as { TableName?: string; TransactItems?: unknown[] };
    steps.push([command.constructor.name, TableName, TransactItems.length].join(' '));
    return client.send(command);
  };
  const watching = Object.assign(Object.create(client), { send }) as typeof client;
  return {
    steps,
    dependencies: {
      grants: createGrants({ client: watching, table: world.engine.oversightTable }),
      persons: createKnownPersons({ client: watching, table: world.engine.recordTable }),
    },
  };
}

describe('a person of whom there is no record', () => {
  const routes = [
    ['by number', ({ nhsNumber }: { nhsNumber: string }) => ['Patient/$break-glass', byNumber(nhsNumber)] as const],
    ['by id', ({ person }: { person: string }) => [`Patient/${person}/$break-glass`, parameters(EMERGENCY)] as const],
  ] as const;

  it.each(routes)('is answered %s as one who has a record, the second time too, by the same work', async (_, asking) => {
    const told = [];
    for (const isKnown of [true, false]) {
      const someone = await somebody({ isKnown });
      const [path, body] = asking(someone);
      const requestId = randomUUID();
      const { steps, dependencies } = watched();
      const ask = (id = requestId) => world.ask(path, { body, requestId: id }, dependencies);
      const answers = [await ask(), await ask(), await ask(randomUUID())];
      const shown = JSON.stringify(answers.map(({ status, json }) => [status, json]));
      const masked = shown.replaceAll(someone.person, '<person>').replaceAll(answers[0]!.values.id, '<grant>');
      told.push({ masked, bytes: shown.length, steps });
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[0]!.masked).toContain('grant-stands');
  });

  it('asks no privacy office, and opens nothing', async () => {
    const { nhsNumber, person } = await somebody({ isKnown: false });
    expect((await world.ask('Patient/$break-glass', { body: byNumber(nhsNumber) })).status).toBe(200);
    const nobody = createIdentity(randomBytes(32)).person({ system: 'urn:test', value: '1' });
    expect((await world.ask(`Patient/${nobody}/$claim-relationship`, { body: parameters(CLAIM) })).status).toBe(200);
    for (const each of [person, nobody]) {
      expect(await tasksAbout(each)).toEqual([]);
      expect(await world.grants.grantsOf([each], NURSE, AT)).toEqual([]);
      expect(await world.noted(each)).toMatchObject([{ outcome: 'shown' }]);
    }
  });

  it('is opened under the grant, and reviewed, once there is a record, though nobody announces it', async () => {
    const { nhsNumber, person } = await somebody({ isKnown: false });
    const { values } = await world.ask('Patient/$break-glass', { body: byNumber(nhsNumber) });
    await world.record(person);
    // The record came into being without `announce` having seen the grant. Asking again is refused alike, and opens it.
    const again = await world.ask('Patient/$break-glass', { body: byNumber(nhsNumber) });
    expect(again).toMatchObject({ status: 409, code: 'grant-stands' });
    expect(await world.grants.grantsOf([person], NURSE, AT)).toMatchObject([{ id: values.id }]);
    expect(await tasksAbout(person)).toMatchObject([{ kind: 'break-glass', grant: { id: values.id }, reviews: [] }]);
  });

  it('is opened when the record comes into being while the grant is written', async () => {
    const { nhsNumber, person } = await somebody({ isKnown: false });
    const late = {
      ...world.dependencies.grants,
      put: async (...put: Parameters<typeof world.grants.put>) => {
        await world.record(person);
        return world.grants.put(...put);
      },
    };
    const { values } = await world.ask('Patient/$break-glass', { body: byNumber(nhsNumber) }, { grants: late });
    expect(await world.grants.grantsOf([person], NURSE, AT)).toMatchObject([{ id: values.id }]);
    expect(await tasksAbout(person)).toHaveLength(1);
  });

  it('is never opened without a review, whatever happens in which order', async () => {
    const happening = fc.constantFrom('ask', 'ask again', 'record', 'announce', 'later');
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 8 }), async (story) => {
        const { nhsNumber, person } = await somebody({ isKnown: false });
        world.clock.now = new Date('2026-11-24T10:00:00.000Z');
        let isKnown = false;
        const requestId = randomUUID();
        const ask = (id: string) => world.ask('Patient/$break-glass', { body: byNumber(nhsNumber), requestId: id });
        for (const step of story) {
          if (step === 'ask') await ask(requestId);
          if (step === 'ask again') await ask(randomUUID());
          if (step === 'later') world.clock.now = new Date(world.clock.now.getTime() + 5 * 3_600_000);
          if (step === 'record' && !isKnown) await world.record(person);
          isKnown ||= step === 'record';
          if (step === 'announce' && isKnown)
            await world.grants.open(await world.grants.waiting(person, world.clock.now.toISOString()));
          const opening = await world.grants.grantsOf([person], NURSE, world.clock.now.toISOString());
          const reviewed = new Set((await tasksAbout(person)).map(({ grant }) => grant?.id));
          expect(opening.length === 0 || isKnown).toBe(true);
          expect(opening.filter(({ id }) => !reviewed.has(id))).toEqual([]);
          expect(reviewed.size === 0 || isKnown).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
