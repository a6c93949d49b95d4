import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKnownPersons } from '../../../shared/store/known-persons.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { draftOf, fragmentId, personId } from '../record/histories.ts';
import { by, compactorOf, contribute, createClock, meteredClient, storeOf } from './world.ts';

describe('whether there is a record of a person', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ stream: false });
  });
  afterAll(() => engine.stop());

  const isKnown = (person: string) => createKnownPersons({ client: engine.client, table: engine.recordTable }).isKnown(person);

  it('shows from the first contribution on, after compaction too, and by another name never', async () => {
    const clock = createClock();
    const store = storeOf(engine, clock);
    const [person, alias] = [personId('known'), personId('another name')];
    expect(await isKnown(person)).toBe(false);
    await store.putAlias(alias, { person: person });
    expect(await isKnown(alias)).toBe(false);
    for (let number = 1; number <= 4; number++) {
      await contribute(store, person, by('uhd', `request-${number}`), [draftOf(fragmentId('uhd', number), 'content')]);
      expect(await isKnown(person)).toBe(true);
    }
    await compactorOf(engine, clock)(person);
    expect(await isKnown(person)).toBe(true);
  });

  it('costs one small read of a record that was compacted', async () => {
    const clock = createClock();
    const store = storeOf(engine, clock);
    const person = personId('long');
    for (let number = 1; number <= 3; number++)
      await contribute(store, person, by('uhd', `request-${number}`), [draftOf(fragmentId('uhd', number), 'x'.repeat(5_000))]);
    await compactorOf(engine, clock)(person);
    const { client, used } = meteredClient(engine);
    await createKnownPersons({ client, table: engine.recordTable }).isKnown(person);
    expect(used).toMatchObject({ requests: 1, readUnits: 1 });
  });
});
