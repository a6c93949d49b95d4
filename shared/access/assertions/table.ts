/** A row of the table of assertions: what can be stated about a person that opens or closes a record to others. */
export interface Assertion {
  /** What is stated. */
  readonly title: string;
  /** What it does, once it takes effect. */
  readonly effect: string;
  /** What it does before, or while it waits. */
  readonly until: string;
  /** Who hears of it. */
  readonly hears: string;
  /** How it is undone. */
  readonly undone: string;
}

const AUTHOR = 'its source takes it back';
const PERSON = 'the person contests it';
const OFFICE = 'the records office of the lead decides against it';

/**
 * The facts of `policies/assertions.cedar`, each with what follows. Whose word takes effect is for the policies to say; what each does until then stands in
 * `effects.ts` and `facts/registrations.ts`, and `docs/governance/policy.md` is printed from this.
 */
export const ASSERTIONS = {
  'practice-claim': {
    title: 'A practice is the one with which the person is registered',
    effect:
      'opens what is not sensitive to it, and signals, at once; a competing claim does so beside the practice that is there',
    until: '-',
    hears: 'the practices that are there: event and task',
    undone: `${AUTHOR}; another practice is established after it, 28 days later; ${PERSON}; ${OFFICE}`,
  },
  practice: {
    title: 'It is so: confirmed',
    effect:
      'the practice is shown, sensitive sets open to its GPs and system, the earlier practice leaves 28 days later, and it may name proxies and contest',
    until: 'only what a claim opens',
    hears: 'both practices: `gp-changed`',
    undone: `another practice is confirmed; the practice ends it; ${PERSON}; ${OFFICE}`,
  },
  'practice-by-silence': {
    title: 'It is so: nobody contested the claim in time',
    effect: 'the practice is shown, the earlier practice leaves 28 days later, and it may contest',
    until: 'only what a claim opens',
    hears: '-',
    undone: 'another practice is confirmed or settled; the practice ends it; somebody whose word counts contests it',
  },
  proxy: {
    title: 'Somebody acts for the person',
    effect: 'they see what a proxy sees, from the day to the day that is stated',
    until: 'it opens nothing; its source and the reviewer see it',
    hears: 'the registered practice (a claimed one where none is confirmed): event and task',
    undone: `${AUTHOR}; the registered practice contests it; ${PERSON}; ${OFFICE}`,
  },
  'opt-out': {
    title: 'The person has opted out of the shared record',
    effect: 'nobody but each source, of its own, and the person sees anything',
    until: '-',
    hears: 'everybody who could see the record, without who stated it; the registered practice, with who and when',
    undone: `${AUTHOR}; the registered practice contests it: lifted for direct care until ${OFFICE} or for it; ${PERSON}. What the person confirmed is never lifted by others`,
  },
  restricted: {
    title: 'Nobody is to learn where the person is (flag R)',
    effect: 'whereabouts are left out of everything',
    until: '-',
    hears: 'everybody who could see the record, without who stated it; the registered practice by a task, with who and when',
    undone: `${AUTHOR}. Nobody contests it`,
  },
  sealed: {
    title: 'A fragment is sealed',
    effect: 'the person, its source, and a broken glass alone see it',
    until: '-',
    hears: 'its source, and those who could see the fragment',
    undone: `${AUTHOR}; ${OFFICE}; ${PERSON}. What the person confirmed is never lifted by others`,
  },
  'death-reported': {
    title: 'The person has died',
    effect: 'told at once, and shown as reported by its source',
    until: '-',
    hears: 'everybody who may see the record; the registered practice, with who and when',
    undone: `${AUTHOR}; the registered practice contests it: not shown until ${OFFICE} or for it; ${PERSON}`,
  },
  death: {
    title: 'The person has died: confirmed',
    effect: 'the person’s own access, and that of proxies, ends',
    until: 'both go on',
    hears: '-',
    undone: 'no second organisation states it any more; the registered practice contests it',
  },
} as const satisfies Readonly<Record<string, Assertion>>;
