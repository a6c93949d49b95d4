import type { Steps } from '../concurrency/steps.ts';
import type { StoredBodies } from './bodies.ts';
import type { Action, FragmentVersion, Ground, GroundKind } from './contribution.ts';
import { CURRENT_DICTIONARY, DICTIONARIES, type Dictionary } from './dictionaries.ts';
import { compress, decompress, onItsOwn } from './frames.ts';
import { logicalId, type Subject } from './identity.ts';
import { openNames, packNames } from './names.ts';

/**
 * Fragment versions as they are stored. The manifest is read by everybody, the body only by who shows it, so they are compressed apart.
 *
 * Manifest: version of the dictionary (1 byte), number of versions (3), their ids (10 each) and hashes (12 each), which no compressor can shorten,
 * then a frame of JSON `[body bytes, facts, rows]`. Body: a frame of one line a version, empty where there is no content, without the stamp that
 * stands in the manifest already.
 */
export interface Packed {
  readonly manifest: Buffer;
  /** Absent when no version has content. */
  readonly body?: Buffer;
}

/** One version, with what is stamped on its body. */
export interface PackedVersion {
  readonly version: FragmentVersion;
  readonly recordedAt: string;
  readonly body: string | undefined;
}

/** A manifest that has been read. */
export interface OpenManifest<Facts> {
  readonly facts: Facts;
  readonly versions: readonly FragmentVersion[];
  /** Length of the body when it is decompressed. */
  readonly bodyBytes: number;
  /** How the body that belongs to this manifest is read. @param recordedAt of each version. */
  bodies(body: Uint8Array, recordedAt: (index: number) => string): StoredBodies;
}

/** Columns of a version, in this order for ever; empty ones at the end are left out. */
type Row = readonly [
  type: string,
  version: number,
  action: number,
  section: string,
  date?: string | 0,
  codes?: readonly string[] | 0,
  labels?: readonly string[] | 0,
  sourceTime?: string | 0,
  sourceVersion?: string | 0,
  grounds?: readonly GroundRow[] | 0,
  namedBy?: string | 0,
];

/** Names are texts; `since`, where there is one, is a number after them: milliseconds since the epoch. */
type GroundRow = readonly [kind: number, from: string | 0, to: string | 0, ...names: readonly (string | number)[]];

/** Their places in this list are stored. */
const GROUNDS: readonly GroundKind[] = [
  ...(['registered-practice', 'encounter', 'caseload', 'referral', 'appointment'] as const),
  ...(['proxy', 'opt-out', 'sealed', 'restricted', 'deceased', 'stay'] as const),
];

/** Their places in this list are stored. */
const ACTIONS: readonly Action[] = ['created', 'updated', 'retracted', 'late'];

/**
 * @param facts JSON of whoever packs: what the versions have in common.
 * @throws RangeError when a fragmentId or a hash has not the form that `contribution.ts` gives it, or a body is not one line: a bug of the caller,
 *   which must not be written.
 */
export function pack(subject: Subject, facts: unknown, packed: readonly PackedVersion[]): Packed {
  const dictionary = DICTIONARIES[CURRENT_DICTIONARY]!;
  const versions = packed.map(({ version }) => version);
  const content = Buffer.from(packed.map((each) => lineOf(subject, each)).join('\n'));
  const text = Buffer.from(JSON.stringify([content.byteLength, facts, versions.map(rowOf)]));
  const manifest = Buffer.concat([Buffer.of(CURRENT_DICTIONARY), packNames(versions), compress(text, dictionary.manifest)]);
  if (packed.every(({ body }) => body === undefined)) return { manifest };
  return { manifest, body: compress(content, bodyDictionary(dictionary, text, subject, versions)) };
}

/** @throws Error on a dictionary that this code does not know: it was written by newer code, and must not be guessed at. */
export function* openManifest<Facts>(subject: Subject, bytes: Uint8Array): Steps<OpenManifest<Facts>> {
  const manifest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dictionary = DICTIONARIES[manifest[0]!];
  if (dictionary === undefined) throw new Error('this was packed with a dictionary that is not known here');
  const { text, bodyBytes, facts, versions } = yield* readManifest<Facts>(manifest.subarray(1), dictionary);
  return {
    facts,
    versions,
    bodyBytes,
    bodies: (body, recordedAt) => ({
      frame: onItsOwn(body),
      versions: versions.length,
      contentBytes: bodyBytes,
      dictionary: () => bodyDictionary(dictionary, Buffer.from(text), subject, versions),
      bodyOf: (line, index) => bodyOf(line, subject, versions[index]!, recordedAt(index)),
    }),
  };
}

/** Whether a manifest has a version of one of these fragments: told by its names, without decompressing the rest. */
export function namesAny(bytes: Uint8Array, fragmentIds: ReadonlySet<string>): boolean {
  const manifest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return openNames(manifest.subarray(1)).hasAny(fragmentIds);
}

/** How many versions cost about as much to read as a visit to a fragment. */
export const VERSIONS_A_VISIT = 4;

/** Gives nothing back that holds on to the bytes it was read from: a fold is remembered for long, and small buffers are cut out of large ones. */
function* readManifest<Facts>(bytes: Buffer, dictionary: Dictionary) {
  const names = openNames(bytes);
  const text = decompress(names.rest, dictionary.manifest, names.rest.byteLength * 8).toString();
  const [bodyBytes, facts, rows] = JSON.parse(text) as [number, Facts, readonly Row[]];
  const versions: FragmentVersion[] = [];
  for (const [index, row] of rows.entries()) {
    versions.push(versionOf(row, names.id(index), names.hash(index)));
    if (index % VERSIONS_A_VISIT === 0) yield 1;
  }
  return { text, bodyBytes, facts, versions };
}

/** What a stamp says of a version; its number, or the name that readers have for it. */
interface Stamped extends Pick<FragmentVersion, 'type' | 'fragmentId'> {
  readonly version: number | string;
}

/** The beginning of every stored body, told by its manifest: `meta` is left open. */
export const stampOf = (subject: Subject, { type, fragmentId, version }: Stamped, recordedAt: string): string =>
  `{"resourceType":"${type}","id":"${logicalId(subject, fragmentId)}","meta":{"versionId":"${version}","lastUpdated":"${recordedAt}"`;

/** What follows a stamp: more of `meta`, or its end. A line without its stamp is told by it from a whole one. */
const STAMP_ENDS: ReadonlySet<string | undefined> = new Set([',', '}']);

function lineOf(subject: Subject, { version, recordedAt, body }: PackedVersion): string {
  if (body === undefined) return '';
  if (body[0] !== '{' || body.includes('\n')) throw new RangeError('a body is one line of JSON, an object');
  const stamp = stampOf(subject, version, recordedAt);
  return body.startsWith(stamp) && STAMP_ENDS.has(body[stamp.length]) ? body.slice(stamp.length) : body;
}

function bodyOf(line: string, subject: Subject, version: FragmentVersion, recordedAt: string): string | undefined {
  if (line === '') return undefined;
  return line[0] === '{' ? line : stampOf(subject, version, recordedAt) + line;
}

/** Bodies repeat the codes and dates of their manifest, and refer to each other by id. */
function bodyDictionary(dictionary: Dictionary, text: Buffer, subject: Subject, versions: readonly FragmentVersion[]): Buffer {
  const names = versions.map(({ fragmentId }) => fragmentId).join('\n');
  return Buffer.concat([dictionary.body, text, Buffer.from(`${names}\n${subject}`)]);
}

function rowOf(version: FragmentVersion): Row {
  const { type, action, section, date, codes, labels, grounds = [], sourceTime, sourceVersion, namedBy } = version;
  const row = [
    type,
    version.version,
    ACTIONS.indexOf(action),
    section,
    date ?? 0,
    codes.length > 0 ? codes : 0,
    labels.length > 0 ? labels : 0,
    sourceTime ?? 0,
    sourceVersion ?? 0,
    grounds.length > 0 ? grounds.map(groundRowOf) : 0,
    namedBy ?? 0,
  ];
  while (row.at(-1) === 0) row.pop();
  return row as unknown as Row;
}

function versionOf(row: Row, fragmentId: string, hash: string): FragmentVersion {
  const [type, version, action, section, date, codes, labels, sourceTime, sourceVersion, grounds, namedBy] = row;
  return {
    fragmentId,
    type,
    version,
    action: ACTIONS[action]!,
    hash,
    section,
    ...(date ? { date } : {}),
    codes: codes || NONE,
    labels: labels || NONE,
    ...(sourceTime ? { sourceTime } : {}),
    ...(sourceVersion ? { sourceVersion } : {}),
    ...(grounds ? { grounds: grounds.map(groundOf) } : {}),
    ...(namedBy ? { namedBy } : {}),
  };
}

const groundRowOf = ({ kind, from, to, names, since }: Ground): GroundRow => [
  ...([GROUNDS.indexOf(kind), from ?? 0, to ?? 0] as const),
  ...(since === undefined ? names : [...names, Date.parse(since)]),
];

function groundOf([kind, from, to, ...rest]: GroundRow): Ground {
  const sinceMs = rest.find((each) => typeof each === 'number');
  return {
    kind: GROUNDS[kind]!,
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    names: rest.filter((each) => typeof each === 'string'),
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
  };
}

const NONE: readonly string[] = [];
