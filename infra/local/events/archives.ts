import type { Messages } from '../queues/messages.ts';
import { type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../resource.ts';
import { busName, type Entry } from './entries.ts';
import type { Fields } from './pattern/fields.ts';
import type { Pattern } from './pattern/pattern.ts';
import { readPattern } from './rules/template-rules.ts';

/** What an archive of a bus keeps. */
export interface Archive {
  readonly arn: string;
  readonly name: string;
  readonly bus: string;
  readonly matches: Pattern;
  /** For ever when absent. */
  readonly retentionMs?: number;
}

export interface ArchivedEvent {
  readonly sequence: number;
  /** When the archive took it in, in milliseconds since 1970. */
  readonly time: number;
  /** The event as its targets received it. */
  readonly text: string;
}

/** The archives of a template's buses: events that can be told again. */
export interface Archives {
  readonly archives: readonly Archive[];
  /** Keeps an event in every archive that wants it. To be called inside `Messages.write`. */
  keep(entry: Entry, fields: Fields, now: number): void;
  /** Events that an archive took in from `from` to before `to`, oldest first, after the one numbered `after`. */
  read(
    archive: Archive,
    window: { readonly from: number; readonly to: number; readonly after: number; readonly most: number },
  ): readonly ArchivedEvent[];
  /** Drops what is older than its archive keeps. To be called inside `Messages.write`. */
  expire(now: number): void;
}

const KNOWN = ['ArchiveName', 'Description', 'EventPattern', 'KmsKeyIdentifier', 'RetentionDays', 'SourceArn'];
const DAY_MS = 24 * 3600 * 1000;

/** @throws UnsupportedTemplate when an archive has something that is not known here */
export function createArchives(
  resources: Iterable<ResolvedResource>,
  buses: ReadonlyMap<string, string>,
  { database }: Messages,
): Archives {
  const archives = resourcesOf(resources, 'AWS::Events::Archive').map((resource) => readArchive(resource, buses));
  const insert = database.prepare('INSERT INTO archived (archive, time, event) VALUES (?, ?, ?)');
  const select = database.prepare(
    'SELECT sequence, time, event AS text FROM archived WHERE archive = ? AND sequence > ? AND time >= ? AND time < ? ORDER BY sequence LIMIT ?',
  );
  const drop = database.prepare('DELETE FROM archived WHERE archive = ? AND time < ?');
  return {
    archives,
    keep(entry, fields, now) {
      for (const { name, bus, matches } of archives) {
        if (bus === entry.bus && matches(fields)) insert.run(name, now, entry.text);
      }
    },
    read: ({ name }, { from, to, after, most }) => select.all(name, after, from, to, most) as unknown as ArchivedEvent[],
    expire(now) {
      for (const { name, retentionMs } of archives) {
        if (retentionMs !== undefined) drop.run(name, now - retentionMs);
      }
    },
  };
}

function readArchive(resource: ResolvedResource, buses: ReadonlyMap<string, string>): Archive {
  refuseUnknownProperties(resource, KNOWN);
  const { logicalId, ref, attributes, properties } = resource;
  const { SourceArn, EventPattern, RetentionDays = 0 } = properties;
  const bus = busName(String(SourceArn));
  if (!buses.has(bus)) throw new UnsupportedTemplate(`${logicalId}.SourceArn`, `the template has no bus ${bus}`);
  return {
    arn: attributes.Arn ?? ref,
    name: ref,
    bus,
    matches: EventPattern === undefined ? () => true : readPattern(EventPattern, `${logicalId}.EventPattern`),
    ...(Number(RetentionDays) === 0 ? {} : { retentionMs: Number(RetentionDays) * DAY_MS }),
  };
}
