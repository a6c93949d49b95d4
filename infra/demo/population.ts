import { resident } from './crowd.ts';
import type { Push } from './feed.ts';
import { fromNationalRegister } from './national.ts';
import { createRandom } from './random.ts';
import { fromHampshire, merged } from './stories/borders.ts';
import { child, pregnancy } from './stories/families.ts';
import { admissionAndPlannedDischarge, frailAndCaredFor, respectPlan } from './stories/later-life.ts';
import { type Lately, latelyBefore, type Practice, type Story } from './stories/story.ts';
import { crisisPlan, optedOut, restricted } from './stories/trust.ts';

/** Somebody of the demo population, and everything that is told of them, in the order in which it is told. */
export interface DemoPerson {
  readonly nhsNumber: string;
  readonly story: string;
  readonly pushes: readonly Push[];
}

/** The day on which the crowd stands. Fixed, so that every machine has the same people. */
const TODAY = '2026-11-20';
const SEED = 2015;

/**
 * The made-up people of Dorset: the ten stories first, then a crowd.
 * @param people how many in all; the stories come first, so few people are the stories
 * @param practices registered practices, by turns
 * @param now what has happened lately in a story has happened before this
 */
export function* population(people: number, practices: readonly Practice[], now = new Date()): Generator<DemoPerson> {
  for (const person of stories(practices, latelyBefore(now)).slice(0, people)) yield registeredNationally(person);
  const random = createRandom(SEED);
  for (let index = 1; index <= people - STORIES.length; index++)
    yield registeredNationally(resident(random, index, practices, TODAY));
}

function registeredNationally(person: DemoPerson): DemoPerson {
  const push = fromNationalRegister(person.nhsNumber, person.pushes);
  return push === undefined ? person : { ...person, pushes: [...person.pushes, push] };
}

const STORIES: readonly ((practice: Practice, lately: Lately) => Story)[] = [
  frailAndCaredFor,
  admissionAndPlannedDischarge,
  child,
  pregnancy,
  crisisPlan,
  restricted,
  fromHampshire,
  merged,
  optedOut,
  respectPlan,
];

const stories = (practices: readonly Practice[], lately: Lately): DemoPerson[] =>
  STORIES.map((tell, index) => tell(practices[index % practices.length]!, lately));
