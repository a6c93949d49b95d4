import { runAtOnce } from '../../concurrency/steps.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Fragment } from '../../record/fold.ts';
import { type ClassFacts, classesOf, classOf } from '../facts/classes.ts';
import { sealedAt } from '../facts/person.ts';
import type { Decider } from './decider.ts';
import type { SeeAction } from './requests.ts';
import type { Position, RecordFacts } from './standing.ts';

/** What an organisation would be told that something happened to. */
export interface Told {
  /** As it stands now, retracted or not. Absent where it is the person as a whole, not a fragment. */
  readonly fragment?: Fragment;
  /** They would be told only because they could see it until it happened, or were told what it takes back. */
  readonly formerly: boolean;
  /** The organisation that the signal names as who contributed: it tells where the person is. */
  readonly contributor?: string;
  /** It was told before, and is asked for again out of the archive, through whatever filter. */
  readonly again?: boolean;
  /** It tells no more than that the record was closed: the person opted out, or is not to be found. */
  readonly closes?: boolean;
}

/** An organisation's system as it stands to a person, and what decides about it. */
export interface Listening {
  readonly position: Position;
  readonly facts: RecordFacts;
  readonly decider: Decider;
  readonly directory: Directory;
  readonly at: string;
}

/** Whether something may be told to an organisation: what it may see, and, of what it could see, what follows. */
export function hearsOf({ fragment, formerly, contributor, again = false, closes = false }: Told, listening: Listening): boolean {
  const { position, decider } = listening;
  if (formerly && closes) return decider.aboutPerson('hear-that-it-closed', position).allowed;
  const classes = fragment === undefined ? classesOfRecord(listening) : [classOf(fragment, sealedNow(listening))];
  const may = (action: SeeAction) => classes.some((one) => allowed(action, one, listening));
  if (!may('see') && !(formerly && may('hear-what-follows'))) return false;
  if (contributor === undefined || !position.person.restricted) return true;
  // A filter that knew of practices, before nobody was to, could be asked for them now.
  if (again) return false;
  return allowed('see-whereabouts', { ...classes[0]!, source: contributor }, listening);
}

const sealedNow = ({ facts, at }: Listening) => sealedAt(facts.statements, Date.parse(at));

const classesOfRecord = (listening: Listening): readonly ClassFacts[] => {
  const sealed = sealedNow(listening);
  return listening.facts.record.folds.flatMap((fold) => runAtOnce(classesOf(fold, sealed)));
};

function allowed(action: SeeAction, { section, source, markings }: ClassFacts, listening: Listening): boolean {
  const { position, decider, directory, at } = listening;
  const isOwn = (directory.current(source, at)?.id ?? source) === position.organisation;
  return decider.inCircumstances(position)(action, { section, markings, isOwn }).allowed;
}
