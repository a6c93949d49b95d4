import type { Finding } from '../../shared/access/review/finding.ts';
import { inLondon } from '../../shared/access/review/london.ts';
import type { Look, LookFacts, LookRule } from '../../shared/access/review/look.ts';
import { LOOK_RULES } from '../../shared/access/review/rules.ts';
import type { StaffPerson } from '../../shared/store/oversight/staff-register.ts';
import type { Watch } from '../../shared/store/oversight/watch-list.ts';
import type { ReviewDependencies, Run } from './context.ts';
import { type KnownPerson, readPersons } from './persons.ts';
import { raise } from './raising.ts';

/** A look is noted when its answer is made, within half a minute of its instant (API Gateway waits no longer), and is found by its organisation a moment later. */
export const SETTLED_MS = 45_000;
/** How far back a deployment's first run looks. */
const FIRST_MS = 24 * 3_600_000;

/** How many findings are new, and the instant up to which everything that was noted has been looked over. */
export interface LookedOver {
  readonly raised: number;
  readonly upTo: string;
}

/**
 * Looks over what was noted for an organisation since the last run, page by page. How far it came is noted after each page: a run that breaks off is taken up where it
 * was, and a page that is looked over twice finds what it found before.
 */
export async function reviewLooks(dependencies: ReviewDependencies, organisation: string, run: Run): Promise<LookedOver> {
  const { looks, progress, staffRegister, watchList } = dependencies;
  const before = new Date(Date.parse(run.at) - SETTLED_MS).toISOString();
  let after = (await progress.last('looks', organisation)) ?? (await begin(dependencies, organisation, run));
  const from = after.split('#')[0] ?? after;
  const known = { staff: await staffRegister.of(organisation, from), watches: await watchList.since(from) };
  const remembered = new Set<string>();
  let raised = 0;
  while (!run.isOver()) {
    const page = await looks.page(organisation, { after, before });
    if (page.last === undefined) return { raised, upTo: before };
    await rememberActive(dependencies, organisation, page.looks, remembered);
    raised += await raise(dependencies, await findingsOf(dependencies, page.looks, known));
    await progress.note('looks', organisation, page.last);
    after = page.last;
  }
  return { raised, upTo: after.split('#')[0] ?? after };
}

/** Noted at once: were the first runs to find nothing, and the next ones missed, what came between would never be looked over. */
async function begin({ progress }: ReviewDependencies, organisation: string, run: Run): Promise<string> {
  const first = new Date(Date.parse(run.at) - FIRST_MS).toISOString();
  await progress.note('looks', organisation, first);
  return first;
}

/** What privacy officers have entered. */
interface Entered {
  readonly staff: readonly StaffPerson[];
  readonly watches: readonly Watch[];
}

async function findingsOf(
  dependencies: ReviewDependencies,
  looks: readonly Look[],
  entered: Entered,
): Promise<readonly Finding[]> {
  // Whoever was entered twice may be one person at one look, and another at the next.
  const viewers = Map.groupBy(entered.staff, ({ staff }) => staff);
  const persons = looks.flatMap(({ person, staff }) => [person, ...(viewers.get(staff) ?? []).map((entry) => entry.person)]);
  const known = await readPersons(dependencies, persons);
  const found = looks.flatMap((look) => {
    const facts = factsOf(look, entered, known);
    return LOOK_RULES.filter((rule) => rule.finds(look, facts)).map((rule) => ({ look, rule }));
  });
  // Of a day's looks of one at one there is one finding, of each rule.
  const groups = Map.groupBy(found, ({ look, rule }) =>
    JSON.stringify([rule.name, look.staff, look.person, inLondon(look.at).day]),
  );
  return [...groups.values()].map(findingOf);
}

function factsOf(look: Look, { staff, watches }: Entered, known: ReadonlyMap<string, KnownPerson>): LookFacts {
  const { ids, particulars } = known.get(look.person)!;
  const stood = ({ from, until }: { readonly from: string; readonly until: string }) => from <= look.at && look.at < until;
  const viewer = staff.find((entry) => entry.staff === look.staff && stood(entry))?.person;
  const colleague = staff.find((entry) => ids.has(entry.person) && stood(entry))?.staff;
  return {
    person: particulars,
    ...(viewer === undefined
      ? {}
      : { viewer: { person: ids.has(viewer) ? look.person : viewer, particulars: known.get(viewer)!.particulars } }),
    ...(colleague === undefined ? {} : { colleague }),
    watched: watches.some((watch) => ids.has(watch.person) && stood(watch)),
  };
}

function findingOf(group: readonly { readonly look: Look; readonly rule: LookRule }[]): Finding {
  const { look, rule } = group[0]!;
  const { organisation, staff, name, role, person, at } = look;
  return {
    rule: rule.name,
    ...{ organisation, staff, role, person, at },
    ...(name === undefined ? {} : { staffName: name }),
    occasion: inLondon(at).day,
    evidence: group.map((each) => ({ person, access: each.look.access })),
  };
}

/** Who was active on which day is remembered once a run. */
async function rememberActive(
  { progress }: ReviewDependencies,
  organisation: string,
  looks: readonly Look[],
  remembered: Set<string>,
): Promise<void> {
  for (const { at, staff, name, role } of looks) {
    const { day } = inLondon(at);
    if (remembered.has(`${day} ${staff}`)) continue;
    remembered.add(`${day} ${staff}`);
    await progress.remember(organisation, day, { staff, role, ...(name === undefined ? {} : { name }) });
  }
}
