import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type CloudEvent, type Inbox, openInbox } from '../../../infra/demo/sample-subscriber/inbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'chesil-inbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const open = (path = join(folder, `${++files}.db`)): Inbox & { readonly path: string } => ({ ...openInbox(path, 'one'), path });

const event = (id: string): CloudEvent => ({
  id,
  type: 'uk.chesil.admitted.1',
  time: '2026-11-20T09:30:00Z',
  source: 'urn:chesil:demo',
  eventnumber: 0,
});

/** Reads all that can be read, and says what. */
function read(inbox: Inbox): string[] {
  const seen: string[] = [];
  for (let next = inbox.next(); next !== undefined; next = inbox.next()) {
    seen.push(`${next.number} ${next.event.id}${next.isAgain ? ' again' : ''}`);
    inbox.done(next.number);
  }
  return seen;
}

it('reads in the order of numbers, whatever the order in which they come', () => {
  const inbox = open();
  inbox.keep(2, event('b'));
  inbox.keep(3, event('c'));
  expect([read(inbox), inbox.hasGap()]).toEqual([[], true]);
  inbox.keep(1, event('a'));
  expect([read(inbox), inbox.hasGap(), inbox.readTo()]).toEqual([['1 a', '2 b', '3 c'], false, 3]);
});

it('reads nothing twice: neither what comes again, nor what is told again under another number, nor after a restart', () => {
  const inbox = open();
  inbox.keep(1, event('a'));
  inbox.keep(1, event('a'));
  expect(read(inbox)).toEqual(['1 a']);
  inbox.keep(1, event('a'));
  expect(read(inbox)).toEqual([]);
  inbox.keep(2, event('b'));
  inbox.close();
  const again = open(inbox.path);
  expect([again.readTo(), read(again)]).toEqual([1, ['2 b']]);
  again.keep(3, event('a'));
  expect(read(again)).toEqual(['3 a again']);
  again.close();
});

it('passes over what will not come, but never over what has', () => {
  const inbox = open();
  inbox.keep(4, event('d'));
  inbox.passOver(6);
  expect(read(inbox)).toEqual(['4 d']);
  inbox.passOver(6);
  expect([inbox.readTo(), inbox.hasGap()]).toEqual([6, false]);
  inbox.keep(7, event('g'));
  expect(read(inbox)).toEqual(['7 g']);
});

it('counts each subscription by itself', () => {
  const first = open();
  first.keep(1, event('a'));
  expect(read(first)).toEqual(['1 a']);
  first.close();
  const second = openInbox(first.path, 'two');
  expect(second.readTo()).toBe(0);
  second.keep(1, event('z'));
  expect(read(second)).toEqual(['1 z']);
  second.close();
});
