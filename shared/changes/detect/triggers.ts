import { CATALOGUE, CHANGE_NAMES, type ChangeName, type Row } from '../catalogue.ts';
import type { AlreadyTold, FragmentTrigger, Trigger } from '../row.ts';
import { compileCondition, type Test } from './conditions.ts';
import type { Looked } from './look.ts';
import { compilePath, type Path, textOf } from './paths.ts';

/** A trigger of a row, ready to be asked. */
export interface Asked {
  readonly name: ChangeName;
  readonly row: Row;
  readonly trigger: FragmentTrigger;
  /** Whether what was there before and what is there now make it happen, whatever others have told. */
  readonly happens: (now: Looked, before: Looked | undefined) => boolean;
  /** Whether a fragment, as it stands, is one of which this was or may have been told. */
  readonly tells: (standing: Looked) => boolean;
  readonly isKind: Test;
  /** What another fragment must be to make it no news. */
  readonly told: readonly (AlreadyTold & { readonly holds: Test })[];
  readonly dated: readonly Path[];
  /** What can have changed, in a text that can be compared with another's. */
  readonly changeable: (looked: Looked) => string;
}

/** Every trigger of one kind with its row, in the order of the catalogue. */
export const triggersOn = <On extends Trigger['on']>(on: On) =>
  CHANGE_NAMES.flatMap((name) => {
    const row: Row = CATALOGUE[name];
    const isOn = (trigger: Trigger): trigger is Extract<Trigger, { on: On }> => trigger.on === on;
    return row.raisedBy.filter(isOn).map((trigger) => ({ name, row, trigger }));
  });

const asked = triggersOn('fragment').map(({ name, row, trigger }) => compile(name, row, trigger));
const ofEveryType = asked.filter(({ trigger }) => trigger.types === '*');
const types = new Set(asked.flatMap(({ trigger }) => trigger.types.split(' ')));
const byType = new Map(
  [...types].map(
    (type) =>
      [type, asked.filter(({ trigger }) => ['*', ...trigger.types.split(' ')].includes(type) || trigger.types === '*')] as const,
  ),
);

/** The triggers that a fragment of a type can set off. */
export const askedOf = (type: string): readonly Asked[] => byType.get(type) ?? ofEveryType;

function compile(name: ChangeName, row: Row, trigger: FragmentTrigger): Asked {
  const isKind = compileCondition(trigger.of);
  const to = compileCondition(trigger.to);
  const paths = (trigger.changed ?? []).map(compilePath);
  const changeable = (looked: Looked) => textOf(paths.map((path) => path(looked)));
  const isThere = (looked: Looked) => looked.resource !== undefined && isKind(looked) && to(looked);
  return {
    name,
    row,
    trigger,
    isKind,
    told: (trigger.unless ?? []).map((already) => ({ ...already, holds: compileCondition(already.is) })),
    dated: (trigger.dated?.split(' ') ?? []).map(compilePath),
    changeable,
    happens: compileHappens(trigger, { isKind, isThere, changeable }),
    tells: (standing) =>
      standing.version.version > 1
        ? isKind(standing)
        : trigger.from === undefined && trigger.changed === undefined && isThere(standing),
  };
}

interface Parts {
  readonly isKind: Test;
  readonly isThere: Test;
  readonly changeable: (looked: Looked) => string;
}

function compileHappens(trigger: FragmentTrigger, { isKind, isThere, changeable }: Parts): Asked['happens'] {
  const from = trigger.from === undefined ? undefined : compileCondition(trigger.from);
  const notFrom = trigger.notFrom === undefined ? () => false : compileCondition(trigger.notFrom);
  const isGone = (now: Looked) => trigger.gone === true && now.version.action === 'retracted';
  return (now, before) => {
    if (!(isThere(now) || isGone(now))) return false;
    const was = before?.resource !== undefined && isKind(before) ? before : undefined;
    if (was === undefined) return from === undefined && trigger.changed === undefined;
    if (notFrom(was) || from?.(was) === false) return false;
    if (trigger.repeats) return true;
    if (trigger.changed === undefined) return !isThere(was);
    return (from !== undefined || isThere(was)) && changeable(was) !== changeable(now);
  };
}
