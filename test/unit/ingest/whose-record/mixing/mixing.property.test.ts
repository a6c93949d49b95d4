/**
 * Random histories of people, told truly and by mistake: no record mixes two of them but where a source's own statement
 * joins them, and taking it back parts them exactly. `npm test` runs a few; ten thousand, which takes some minutes:
 *
 *   HISTORIES=10000 npx vitest run test/unit/ingest/whose-record/mixing/mixing.property.test.ts
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numbered, type Partners, startPartners } from '../../partners.ts';
import { nhsNumber } from '../../resources.ts';
import { type Course, play, sendFact, sendPatientAlone, startCourse, steps } from './course.ts';
import { EVERYBODY, joinedBy, PEOPLE, SYSTEMS } from './people-model.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 40);

let partners: Partners;
beforeAll(async () => {
  partners = await startPartners([{ organisation: 'uhd', name: 'lab' }]);
});
afterAll(() => partners.stop());

/** Whom a line of a record is about; `undefined` for what its source says is about somebody else. */
function personOfLine(line: string): number | undefined {
  if (line.endsWith('(about somebody else)')) return undefined;
  return Number(/Patient Person(\d)|Observation (\d):/.exec(line)?.slice(1).find(Boolean));
}

const peopleIn = async (person: string): Promise<number[]> => {
  const found = (await partners.record(person)).map(personOfLine).filter((one) => one !== undefined);
  return [...new Set(found)];
};

/** Every record that could mix two people. */
async function expectUnmixed({ world, statements, persons }: Course): Promise<void> {
  const joined = joinedBy(statements.values());
  for (const person of new Set([...world.numbers.map(numbered), ...persons])) {
    const [first, ...others] = await peopleIn(person);
    for (const other of others) expect(joined(first!, other), `${first} and ${other} in one record`).toBe(true);
  }
}

/** Everybody says the truth of everybody, and then everything again. */
async function tellTheTruth(course: Course): Promise<void> {
  for (const { message } of [...course.sent.values()])
    expect([200, 201]).toContain(await sendPatientAlone(course, { ...message, numberOf: message.person, replaces: undefined }));
  for (const system of SYSTEMS)
    for (const person of PEOPLE) {
      const message = { system, person, withId: true, patientNumbers: [0, 1], numberOf: person, shared: true, sharedFirst: true };
      expect([200, 201]).toContain(await sendPatientAlone(course, message));
    }
  await expectUnmixed(course);
  for (const [serial, fact] of [...course.facts]) expect([200, 201]).toContain(await sendFact(course, fact, serial));
}

let runs = 0;

it(
  'no record mixes two people, and what a mistake joined is parted exactly when it is taken back',
  async () => {
    const birthDates = fc.array(fc.constantFrom('1950-02-03', '1990-05-06'), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 8 }), birthDates, async (history, born) => {
        const world = { run: ++runs, numbers: EVERYBODY.map(nhsNumber), birthDates: born };
        const course = startCourse(partners, world);
        for (const step of history) {
          await play(course, step);
          await expectUnmixed(course);
        }
        await tellTheTruth(course);
        for (const person of EVERYBODY) {
          const lines = (await partners.record(numbered(world.numbers[person]!))).filter((line) => line.includes('Observation'));
          const expected = [...course.facts]
            .filter(([, fact]) => fact.person === person)
            .map(([serial, { system }]) => `${system.organisation} Observation ${person}: fact ${serial}`);
          expect(lines).toEqual(expected.sort());
        }
        await expectUnmixed(course);
      }),
      { numRuns: HISTORIES },
    );
  },
  60_000 + HISTORIES * 1_000,
);
