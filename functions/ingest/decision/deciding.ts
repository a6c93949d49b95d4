import type { Known } from '../../../shared/fhir/grounds/grounds.ts';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import type { Contribution, Submission } from '../../../shared/record/contribution.ts';
import { type DraftOutcome, draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { emptyFold } from '../../../shared/record/fold.ts';
import type { Subject } from '../../../shared/record/identity.ts';
import type { Linking } from '../../../shared/record/linking.ts';
import { draftOf } from './drafting.ts';
import { foldOf, groupOf, type Located, type World } from './finding.ts';
import { knownOf } from './known.ts';
import { arrivalLinks, linkAt, mayLink, mergeLinks, mergesOf, type PatientPerson } from './linking.ts';
import { locateOperation, type Placed, sharedNames } from './locating.ts';
import type { Entries, Operation } from './operation.ts';
import { patchedResource } from './patching.ts';
import type { People, Placement } from './placing.ts';
import { resolveReferences, type Targets } from './resolving.ts';
import { sameButForReferences } from './sameness.ts';
import { nhsNumbersOf } from './source-identity.ts';

/** Writes that are decided together. */
export interface WriteRequest {
  readonly operations: readonly Operation[];
  readonly entries: Entries;
  readonly placements: ReadonlyMap<Operation, Placement>;
  readonly people: People;
  readonly patients: ReadonlyMap<Operation, PatientPerson>;
  /** Whether one problem refuses them all. */
  readonly atomic: boolean;
  readonly submission: Submission;
  readonly fhirUrl: string;
  /** Fragments of the same bundle that were written before these: of a batch, the directory. */
  readonly written?: ReadonlyMap<Operation, Located>;
}

/** What became of one operation. */
export type Settled =
  | {
      readonly outcome: DraftOutcome;
      readonly subject: Subject;
      /** JSON of the version answered; `undefined` when it is retracted. */
      readonly body: string | undefined;
      readonly located: Located;
    }
  | { readonly issues: readonly Issue[] };

export type Decided =
  /** Subjects whose folds are needed to decide, beside those that were given. */
  | { readonly needs: readonly Subject[] }
  /** A link that must stand before the rest is decided: a contribution carries one. Were it written after, a crash between would lose it. */
  | { readonly first: Linking }
  | {
      readonly settled: ReadonlyMap<Operation, Settled>;
      readonly contributions: readonly Contribution[];
    };

/** A write that has passed everything but its draft. */
interface Ready {
  readonly operation: Operation;
  readonly located: Located;
  readonly draft: FragmentDraft;
}

/**
 * Decides what a request writes, on the folds as they stand. Pure but for the references inside the resources, which are
 * written anew each time.
 */
export function decideRequest(request: WriteRequest, world: World, now: string): Decided {
  const deciding = new Deciding(request, world, now);
  return deciding.decide();
}

class Deciding {
  private readonly request: WriteRequest;
  private readonly world: World;
  private readonly now: string;
  private readonly issues = new Map<Operation, readonly Issue[]>();
  private readonly settled = new Map<Operation, Settled>();
  private readonly needs = new Set<Subject>();
  private readonly groups = new Map<Subject, readonly Subject[]>();
  private readonly links: Linking[] = [];

  constructor(request: WriteRequest, world: World, now: string) {
    this.request = request;
    this.world = world;
    this.now = now;
  }

  decide(): Decided {
    this.gatherGroups();
    if (this.needs.size > 0) return { needs: [...this.needs] };
    const placed = this.locateAll();
    const ready = this.draftAll(placed);
    if (this.needs.size > 0) return { needs: [...this.needs] };
    if (this.request.atomic && this.issues.size > 0) return this.refused();
    const { now, first } = this.shareOutLinks();
    const contributions = this.contribute(ready, now);
    if (this.request.atomic && this.issues.size > 0) return this.refused();
    return first === undefined ? { settled: this.allSettled(), contributions } : { first };
  }

  private refused(): Decided {
    const inOrder = [...this.issues].sort(([one], [other]) => one.index - other.index);
    const settled = new Map(inOrder.map(([operation, issues]): [Operation, Settled] => [operation, { issues }]));
    return { settled, contributions: [] };
  }

  private allSettled(): ReadonlyMap<Operation, Settled> {
    for (const [operation, issues] of this.issues) this.settled.set(operation, { issues });
    return this.settled;
  }

  /** Who is linked with whom; links that follow from a number that has arrived count already. */
  private gatherGroups(): void {
    const { operations, placements, patients } = this.request;
    for (const operation of operations) {
      const placement = placements.get(operation)!;
      if ('issues' in placement) {
        this.issues.set(operation, placement.issues);
        continue;
      }
      const patient = patients.get(operation);
      for (const subject of [placement.subject, ...(patient ? [patient.person, ...patient.formerly] : [])]) this.group(subject);
    }
    if (this.needs.size > 0) return;
    for (const operation of operations) {
      const patient = patients.get(operation);
      if (patient === undefined || this.issues.has(operation) || operation.interaction.resource === undefined) continue;
      for (const link of arrivalLinks(patient)) {
        if (this.addLink(link, operation.interaction.resource)) this.join(link.persons);
      }
    }
  }

  private addLink(link: Linking, patient: Json): boolean {
    const may = mayLink(this.world, patient, link.persons, (person) => this.togetherWith(person), this.now);
    if (may) this.links.push(link);
    return may;
  }

  /** A person with everybody who is linked with it once this request is written. */
  private togetherWith(person: Subject): readonly Subject[] {
    const together = new Set(this.group(person));
    for (const one of together) {
      for (const { kind, persons } of this.links) {
        if (kind === 'link' && persons.includes(one))
          for (const each of persons.flatMap((other) => this.group(other))) together.add(each);
      }
    }
    return [...together];
  }

  private group(subject: Subject): readonly Subject[] {
    const known = this.groups.get(subject);
    if (known !== undefined) return known;
    const found = groupOf(this.world, subject);
    if ('needs' in found) for (const one of found.needs) this.needs.add(one);
    this.groups.set(subject, [subject]);
    // A link stands in both partitions, but these were not read at the same moment: one of them is enough.
    if ('group' in found) this.join(found.group);
    return this.groups.get(subject)!;
  }

  private join(persons: readonly Subject[]): void {
    const all = new Set(persons.flatMap((person) => [person, ...(this.groups.get(person) ?? [])]));
    for (const person of all) this.groups.set(person, [person, ...[...all].filter((other) => other !== person)]);
  }

  private locateAll(): Map<Operation, Placed & { located: Located }> {
    const shared = sharedNames(this.request.operations);
    const placed = new Map<Operation, Placed & { located: Located }>();
    const taken = new Map<string, Operation>();
    for (const operation of this.request.operations) {
      const placement = this.request.placements.get(operation)!;
      if ('issues' in placement) continue;
      const found = locateOperation(this.world, operation, this.group(placement.subject), shared);
      const problem = 'issues' in found ? found.issues : this.preconditions(operation, found, taken);
      if (problem !== undefined) this.issues.set(operation, problem);
      else if ('located' in found) placed.set(operation, found);
    }
    return placed;
  }

  private preconditions(
    operation: Operation,
    found: Exclude<Placed, { issues: unknown }>,
    taken: Map<string, Operation>,
  ): readonly Issue[] | undefined {
    const { interaction, at } = operation;
    const { located } = found;
    if (found.found !== undefined) return undefined;
    const key = `${located.subject}.${located.fragmentId}`;
    const earlier = taken.get(key);
    taken.set(key, operation);
    // A batch does one after the other; but what asks for a fragment as it stands cannot follow an entry that is only just writing it.
    const needsOwnGround = interaction.kind === 'patch' || interaction.onlyCreate || interaction.ifNoneExist !== undefined;
    if (earlier !== undefined && (this.request.atomic || needsOwnGround)) return [{ code: 'duplicate-entry', expression: at }];
    const stands = located.current?.body !== undefined;
    if (interaction.onlyCreate && stands) return [{ code: 'already-exists', expression: at }];
    if (interaction.kind === 'patch' && !stands) return [{ code: 'gone', expression: at }];
    return undefined;
  }

  private draftAll(placed: ReadonlyMap<Operation, Placed & { located: Located }>): Ready[] {
    const { people, entries, written = [] } = this.request;
    const located = new Map([...written, ...[...placed].map(([operation, found]) => [operation, found.located] as const)]);
    const targets: Targets = { world: this.world, people, entries, located, partial: !this.request.atomic };
    const known = knownOf(targets);
    const ready: Ready[] = [];
    for (const [operation, found] of placed) {
      if ('found' in found && found.found !== undefined) this.settleFound(operation, found.located, found.found);
      else {
        const drafted = this.draft(operation, found as Exclude<Placed, { issues: unknown }>, targets, known);
        if ('issues' in drafted) this.issues.set(operation, drafted.issues);
        else ready.push(drafted);
      }
    }
    return ready;
  }

  private settleFound(operation: Operation, located: Located, fragment: NonNullable<Located['current']>): void {
    const { fragmentId, version, recordedAt, body, subject } = fragment;
    this.settled.set(operation, { subject, located, body, outcome: { fragmentId, version, recordedAt, status: 'unchanged' } });
  }

  private draft(
    operation: Operation,
    { located, addressed, sourceId }: Exclude<Placed, { issues: unknown }>,
    targets: Targets,
    known: Known,
  ): Ready | { issues: readonly Issue[] } {
    const { interaction, at } = operation;
    const write =
      interaction.kind === 'patch' ? patchedResource(operation, located, this.request.fhirUrl) : operationResource(operation);
    if ('issues' in write) return write;
    const { resource, slots } = write;
    if (resource !== undefined) {
      const group = this.group(located.subject);
      const issues = resolveReferences(slots, { resource, at, subject: located.subject, group }, targets);
      if (this.changesNumber(operation, located, resource)) issues.push(NUMBER_CHANGED(at));
      if (issues.length > 0) return { issues };
    }
    if (interaction.type === 'Patient') this.gatherMerges(located, resource);
    const fromSource = !addressed && interaction.kind !== 'patch';
    const { type, ifMatch } = interaction;
    const draftable = {
      fragmentId: located.fragmentId,
      type,
      owner: this.world.owner,
      fromSource,
      ...(resource === undefined ? {} : { resource }),
      ...(sourceId === undefined ? {} : { sourceId }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    };
    return { operation, located, draft: draftOf(draftable, known, this.world.identity) };
  }

  /** A Patient that is addressed by our id stays in its record: it cannot become somebody else by another NHS number. */
  private changesNumber(operation: Operation, { subject }: Located, resource: Json): boolean {
    if (operation.interaction.type !== 'Patient') return false;
    const patient = this.request.patients.get(operation);
    const numbered = nhsNumbersOf(resource, this.now).map((value) => this.world.identity.person({ system: NHS_NUMBER, value }));
    const persons = [...(patient === undefined ? [] : [patient.person]), ...numbered];
    return persons.some((person) => !this.group(subject).includes(person));
  }

  private gatherMerges(located: Located, patient: Json | undefined): void {
    for (const other of patient === undefined ? [] : mergesOf(patient).keys()) this.group(other);
    if (this.needs.size > 0) return;
    for (const link of mergeLinks(this.world, located, patient, this.now)) {
      if (link.kind === 'unlink') this.links.push(link);
      else if (patient !== undefined) this.addLink(link, patient);
    }
  }

  private contribute(ready: readonly Ready[], links: ReadonlyMap<Subject, Linking>): Contribution[] {
    const bySubject = new Map<Subject, Ready[]>([...links.keys()].map((subject) => [subject, []]));
    for (const one of ready) {
      const of = bySubject.get(one.located.subject);
      if (of === undefined) bySubject.set(one.located.subject, [one]);
      else of.push(one);
    }
    return [...bySubject].flatMap(([subject, drafts]) => this.contributeTo(subject, drafts, links.get(subject)) ?? []);
  }

  private shareOutLinks(): { now: Map<Subject, Linking>; first?: Linking } {
    const now = new Map<Subject, Linking>();
    for (const link of this.links) {
      if (link.persons.some((subject) => now.has(subject))) return { now, first: link };
      for (const subject of link.persons) now.set(subject, link);
    }
    return { now };
  }

  private contributeTo(subject: Subject, ready: readonly Ready[], link: Linking | undefined): Contribution | undefined {
    const fold = foldOf(this.world, subject) ?? emptyFold(subject);
    const { submission } = this.request;
    const drafts = ready.map(({ draft }) => draft);
    const result = draftContribution(fold, submission, drafts, this.now, link && linkAt(link, subject));
    if ('problems' in result) {
      const retried = ready.map((one) => one);
      for (const { index, problem } of result.problems) {
        const one = ready[index]!;
        // The same version of the source with its references better resolved than before: no quarrel with the source.
        if (problem === 'same-version-other-body' && sameButForReferences(one.draft, one.located.current)) {
          const { sourceVersion: _same, ...draft } = one.draft;
          retried[index] = { ...one, draft };
        } else this.issues.set(one.operation, [{ code: problem, expression: one.operation.at }]);
      }
      if (this.request.atomic && this.issues.size > 0) return undefined;
      return this.contributeTo(
        subject,
        retried.filter(({ operation }) => !this.issues.has(operation)),
        link,
      );
    }
    this.settleDrafts(subject, ready, result.outcomes, result.contribution);
    return result.contribution;
  }

  private settleDrafts(
    subject: Subject,
    ready: readonly Ready[],
    outcomes: readonly DraftOutcome[],
    contribution: Contribution | undefined,
  ): void {
    const bodies = new Map<string, string | undefined>();
    contribution?.fragments.forEach(({ fragmentId, version }, index) => {
      bodies.set(`${fragmentId} ${version}`, contribution.bodies[index]);
    });
    ready.forEach(({ operation, located }, index) => {
      const outcome = outcomes[index]!;
      const key = `${outcome.fragmentId} ${outcome.version}`;
      const body = bodies.has(key) ? bodies.get(key) : located.current?.body;
      this.settled.set(operation, { outcome, subject, body, located });
    });
  }
}

const operationResource = ({ interaction: { resource }, slots }: Operation) => ({ resource, slots });

const NUMBER_CHANGED = (at: string): Issue => ({
  code: 'immutable-element',
  expression: `${at}.identifier`,
  diagnostics:
    'A Patient cannot change to another NHS number under its id. Retract it, and contribute the Patient with its new number.',
});
