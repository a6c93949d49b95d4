import { contained, type Json, listAt, objectOf, textAt } from '../grounds/look.ts';

/** The words by which somebody could be found. Of one person; never logged, never stored. */
export interface Whereabouts {
  /** Lower-case letters and digits without anything between: found anywhere in a text, however it is spaced and punctuated. */
  readonly runs: readonly string[];
  /** Lower-case words with single spaces between: found as whole words, for they are short (codes, the first half of a postcode). */
  readonly words: readonly string[];
  /** The same of towns, districts and counties: people are called like them. */
  readonly towns: readonly string[];
}

/** Shorter ones (`Road`, `Flat 2`) stand in texts that are about something else. */
const MIN_RUN = 6;
const MIN_WORD = 3;

/**
 * What to look for, from everything that is told of where a person is: the Patients of all contributors, and RelatedPersons.
 * @param bodies FHIR JSON of each
 * @param practices names of the practices with which the person is registered, which a Patient may name by their codes alone
 */
export function whereaboutsOf(bodies: readonly string[], practices: readonly string[] = []): Whereabouts {
  const found = new Found();
  for (const body of bodies) readPerson(JSON.parse(body) as Json, found);
  for (const name of practices) found.practice(name);
  return { runs: [...found.runs], words: [...found.words], towns: [...found.towns] };
}

class Found {
  readonly runs = new Set<string>();
  readonly words = new Set<string>();
  readonly towns = new Set<string>();

  run(text: string): void {
    const run = runOf(text);
    if (run.length >= MIN_RUN) this.runs.add(run);
  }

  word(text: string | undefined, words: Set<string> = this.words): void {
    const word = wordsOf(text ?? '');
    if (word.length >= MIN_WORD) words.add(word);
  }

  /** A line of an address, its parts, and its street without the number of the house. */
  line(text: string): void {
    for (const part of [text, ...text.split(',')]) {
      this.run(part);
      this.run(part.replace(/^\W*\d+\w?\W+/, ''));
    }
  }

  /** However it is written: `+44 1632 960104`, `01632 960 104`. */
  phoneOrEmail(text: string): void {
    this.run(text.includes('@') ? text : text.replace(/\D/g, '').replace(/^(0044|44|0)/, ''));
  }

  postcode(text: string): void {
    this.run(text);
    this.word(text.trim().split(' ')[0]);
  }

  /** A practice is also called by its name without what every practice is. */
  practice(name: string): void {
    this.run(name);
    this.run(name.replace(/\b(the|surgery|practice|medical|health|centre|center|clinic|group|partnership)\b/gi, ''));
  }
}

function readPerson(person: Json, found: Found): void {
  const places = ['generalPractitioner', 'managingOrganization', 'contact.organization'].flatMap((path) => listAt(person, path));
  for (const reference of places) readPlace(reference, contained(person, reference.reference), found);
  for (const holder of [person, ...listAt(person, 'contact')]) readContacts(holder, found);
}

function readContacts(holder: Json, found: Found): void {
  for (const address of listAt(holder, 'address')) readAddress(address, found);
  for (const telecom of listAt(holder, 'telecom')) found.phoneOrEmail(textAt(telecom, 'value') ?? '');
}

function readAddress(address: Json, found: Found): void {
  const lines = Array.isArray(address.line) ? address.line : [];
  for (const line of [...lines, address.text]) if (typeof line === 'string') found.line(line);
  for (const name of ['city', 'district', 'state']) found.word(textAt(address, name), found.towns);
  found.postcode(textAt(address, 'postalCode') ?? '');
}

function readPlace(reference: Json, place: Json | undefined, found: Found): void {
  const names = [textAt(reference, 'display'), textAt({ ...place }, 'name'), ...aliasesOf(place)];
  for (const name of names) if (name !== undefined) found.practice(name);
  for (const identifier of [objectOf(reference.identifier), ...listAt({ ...place }, 'identifier')])
    found.word(identifier && textAt(identifier, 'value'));
  if (place !== undefined) readContacts(place, found);
}

const aliasesOf = (place: Json | undefined): string[] =>
  Array.isArray(place?.alias) ? place.alias.filter((alias) => typeof alias === 'string') : [];

/** Whether a text says where the person is: by one of the words, or by any postcode. */
export const tellsWhere = (text: string, whereabouts: Whereabouts): boolean =>
  POSTCODE.test(text) || namesPlace(text, whereabouts) || isAmong(text, whereabouts.towns);

/** The same of part of the name of somebody, who may be called like the town they live in. */
export const namesPlace = (text: string, { runs, words }: Whereabouts): boolean => isIn(text, runs) || isAmong(text, words);

function isIn(text: string, runs: readonly string[]): boolean {
  if (text.length < MIN_RUN) return false;
  const run = runOf(text);
  return runs.some((one) => run.includes(one));
}

function isAmong(text: string, words: readonly string[]): boolean {
  if (text.length < MIN_WORD) return false;
  const spaced = ` ${wordsOf(text)} `;
  return words.some((word) => spaced.includes(` ${word} `));
}

/** A postcode of the United Kingdom, in capitals or in small letters; `B12 1st` is none. (BS 7666) */
const POSTCODE = /\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2})\b/;

/** Texts are nearly always plain, and then need no more than this. */
const PLAIN = /^[\x20-\x7e]*$/;

const unaccented = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const runOf = (text: string): string =>
  PLAIN.test(text) ? text.toLowerCase().replace(/[^a-z0-9]+/g, '') : unaccented(text).replace(/[^\p{L}\p{N}]+/gu, '');

const wordsOf = (text: string): string =>
  (PLAIN.test(text) ? text.toLowerCase().replace(/[^a-z0-9]+/g, ' ') : unaccented(text).replace(/[^\p{L}\p{N}]+/gu, ' ')).trim();
