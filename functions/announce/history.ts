import type { Contribution, PersonLink } from '../../shared/record/contribution.ts';
import { emptyFold, type Fold, type Fragment, fragmentOf, type PersonRecord } from '../../shared/record/fold.ts';
import { foldRulings, type Ruling } from '../../shared/record/rulings.ts';
import type { RecordStore } from '../../shared/store/record.ts';

/** The record of a person for a time, as far as it says who could see some fragments of it. */
export interface Moment {
  /** ISO 8601 instants: from inclusive, until exclusive. */
  readonly from: string;
  readonly until: string;
  readonly record: PersonRecord;
}

/**
 * Tells what a record was before a contribution, moment by moment: a new one begins wherever somebody may have come to see more or less of the fragments that
 * are asked about.
 * @param fragmentIds of the contribution's subject
 */
export type History = (contribution: Contribution, fragmentIds: ReadonlySet<string>) => Promise<readonly Moment[]>;

/** Moments looked at of one record, the last ones: a fragment of five hundred versions is no reason to be late. */
const MAX_MOMENTS = 300;

/** Lines of manifests remembered over all logs: some 40 MB. */
const MAX_LINES = 60_000;

/** A contribution without its bodies. */
interface Step {
  readonly subject: string;
  readonly sequence: number;
  readonly recordedAt: string;
  readonly contributor: string;
  readonly link?: PersonLink;
  readonly rulings?: readonly Ruling[];
  readonly fragments: readonly Fragment[];
}

/** Reads the logs of persons when something is taken back. What was read is remembered, and read on from there. */
export function createHistory(store: Pick<RecordStore, 'contributions'>): History {
  const logs = new Map<string, Step[]>();

  async function logOf(subject: string): Promise<readonly Step[]> {
    const log = logs.get(subject) ?? [];
    logs.delete(subject);
    for await (const contribution of store.contributions(subject, log.at(-1)?.sequence ?? 0)) log.push(stepOf(contribution));
    logs.set(subject, log);
    forgetOldest(logs);
    return log;
  }

  return async (contribution, fragmentIds) => {
    const { subject, sequence, recordedAt } = contribution;
    const own = (await logOf(subject)).filter((step) => step.sequence < sequence);
    const linked = new Set([...own, contribution].flatMap(({ link }) => (link === undefined ? [] : [link.person])));
    const others: Step[] = [];
    for (const person of linked) others.push(...(await logOf(person)).filter((step) => step.recordedAt < recordedAt));
    const steps = [...own, ...others].toSorted((a, b) =>
      a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0,
    );
    return momentsOf(subject, steps, fragmentIds, recordedAt);
  };
}

function stepOf(contribution: Contribution): Step {
  const { subject, sequence, recordedAt, contributor, link, rulings } = contribution;
  const fragments = contribution.fragments.flatMap(({ action }, index) => {
    if (action === 'late') return [];
    const { body: _body, ...fragment } = Object.getOwnPropertyDescriptors(fragmentOf(contribution, index));
    return [Object.defineProperties({ body: undefined } as Fragment, fragment)];
  });
  const said = { ...(link === undefined ? {} : { link }), ...(rulings === undefined ? {} : { rulings }) };
  return { subject, sequence, recordedAt, contributor, fragments, ...said };
}

function forgetOldest(logs: Map<string, readonly Step[]>): void {
  let lines = 0;
  for (const log of logs.values()) for (const { fragments } of log) lines += fragments.length + 1;
  for (const [subject, log] of logs) {
    if (lines <= MAX_LINES || logs.size === 1) break;
    for (const { fragments } of log) lines -= fragments.length + 1;
    logs.delete(subject);
  }
}

/** Folds what matters of each step; steps that change nothing of it are of the moment that they fall into. */
function momentsOf(subject: string, steps: readonly Step[], fragmentIds: ReadonlySet<string>, until: string): readonly Moment[] {
  const folds = new Map<string, Fold>();
  const begun: { readonly from: string; readonly record: PersonRecord }[] = [];
  for (const step of steps) {
    const known = folds.get(step.subject) ?? emptyFold(step.subject);
    const telling = step.fragments.filter((one) => tells(known, one) || fragmentIds.has(one.fragmentId));
    const isNew = step.fragments.length > 0 && !known.contributors.has(step.contributor);
    if (telling.length === 0 && !isNew && step.link === undefined && step.rulings === undefined) continue;
    folds.set(step.subject, foldStep(known, step, telling));
    begun.push({ from: step.recordedAt, record: connected(subject, folds) });
  }
  return begun
    .map((moment, index) => ({ ...moment, until: begun[index + 1]?.from ?? until }))
    .filter(({ record }) => record.folds[0]!.fragments.size > 0)
    .slice(-MAX_MOMENTS);
}

/** Whether a version says, or no longer says, who may see the record. Manifests of old tell the practices of a Patient by its codes. */
const tells = ({ fragments }: Fold, { fragmentId, grounds, type }: Fragment): boolean =>
  grounds !== undefined || type === 'Patient' || fragments.has(fragmentId);

function foldStep(fold: Fold, step: Step, telling: readonly Fragment[]): Fold {
  const { contributor, fragments, link, recordedAt, sequence } = step;
  const links = new Map(fold.links);
  if (link?.kind === 'link') links.set(link.person, { ...link, author: contributor });
  if (link?.kind === 'unlink') links.delete(link.person);
  return {
    ...fold,
    sequence,
    recordedAt,
    fragments: new Map([...fold.fragments, ...telling.map((one) => [one.fragmentId, one] as const)]),
    contributors: fragments.length > 0 ? new Set([...fold.contributors, contributor]) : fold.contributors,
    links,
    rulings: foldRulings(fold.rulings, step),
  };
}

/** The fold of the subject first; then those that were read together with it. */
function connected(subject: string, folds: ReadonlyMap<string, Fold>): PersonRecord {
  const found = new Map<string, Fold>();
  for (let next = [subject]; next.length > 0; ) {
    const reached = next.map((one) => folds.get(one) ?? emptyFold(one));
    for (const fold of reached) found.set(fold.subject, fold);
    next = [...new Set(reached.flatMap(({ links }) => [...links.keys()]))].filter((one) => !found.has(one));
  }
  return { personId: subject, folds: [...found.values()] };
}
