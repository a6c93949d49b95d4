import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import { meteredClient } from '../store/world.ts';
import { observation, patient, practitioner } from './resources.ts';
import { createWorld, type Told, type World } from './world.ts';

let world: World;
let person: string;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.engine.stop());

/** An instance of `serve` beside the one that writes, with the memory of its own that a warm process has. */
let instance: { readonly store: RecordStore; readonly used: { requests: number; readUnits: number } };

beforeEach(async () => {
  const { client, used } = meteredClient(world.engine);
  instance = { store: createRecordStore({ client, table: world.engine.recordTable }), used };
  const nhsNumber = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050', '9990000069'][count++]!;
  person = world.personOf(nhsNumber);
  await world.contribute(person, 'uhd', patient(nhsNumber));
});

const ask = (path: string) => world.ask(path, {}, { store: instance.store });
const namesIn = ({ json }: Told): string[] =>
  json.entry.flatMap(({ resource }: { resource: fhir4.Practitioner }) =>
    resource.resourceType === 'Practitioner' ? resource.name?.[0]?.family : [],
  );
const performedBy = (owner: string, source: string) =>
  observation(person, `by-${source}`, {
    performer: [{ reference: `Practitioner/${world.idOf(owner, owner, practitioner(source, 'Any'))}` }],
  });

describe('a directory', () => {
  const doors = [
    ['$everything', () => `Patient/${person}/$everything`],
    ['an inclusion', () => `Observation?patient=${person}&_include=Observation:performer`],
    ['a chain', () => `Observation?patient=${person}&performer:Practitioner.family=Tern&_include=Observation:performer`],
  ] as const;

  it.each(doors)('is as fresh as a record in %s: who was created a moment ago by another instance is there', async (_, path) => {
    const source = `tern-${count}`;
    // The instance remembers the directory, and the record, as they were before.
    await world.contribute('uhd', 'uhd', practitioner(`other-${count}`, 'Other'));
    await world.contribute(person, 'uhd', performedBy('uhd', `other-${count}`));
    await ask(doors[0][1]());
    await world.contribute('uhd', 'uhd', practitioner(source, 'Tern'));
    await world.contribute(person, 'uhd', performedBy('uhd', source));
    const answer = await ask(path());
    expect(namesIn(answer)).toContain('Tern');
  });

  it('that is corrected by another instance is shown as corrected', async () => {
    await world.contribute('uhd', 'uhd', practitioner('knot', 'Not'));
    await world.contribute(person, 'uhd', performedBy('uhd', 'knot'));
    expect(namesIn(await ask(doors[0][1]()))).toEqual(['Not']);
    await world.contribute('uhd', 'uhd', practitioner('knot', 'Knot'));
    expect(namesIn(await ask(doors[0][1]()))).toEqual(['Knot']);
  });

  it('costs one read unit more, however often and however indirectly it is referred to', async () => {
    const id = world.idOf('uhd', 'uhd', practitioner('dunlin', 'Dunlin'));
    const role = {
      source: 'role',
      resource: { resourceType: 'PractitionerRole', practitioner: { reference: `Practitioner/${id}` } },
    };
    await world.contribute('uhd', 'uhd', practitioner('dunlin', 'Dunlin'), role);
    const reference = `PractitionerRole/${world.idOf('uhd', 'uhd', role)}`;
    const plain = `Observation?patient=${person}`;
    const following = `${plain}&_include=Observation:performer&_include:iterate=PractitionerRole:practitioner`;
    for (const source of ['one', 'two', 'three'])
      await world.contribute(person, 'uhd', observation(person, source, { performer: [{ reference }] }));
    const unitsOf = async (path: string) => {
      const before = { ...instance.used };
      await ask(path);
      return instance.used.readUnits - before.readUnits;
    };
    await ask(following);
    const [without, withDirectory] = [await unitsOf(plain), await unitsOf(following)];
    expect(namesIn(await ask(following))).toEqual(['Dunlin']);
    expect(withDirectory - without).toBe(1);
  });
});
