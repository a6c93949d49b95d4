import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Room, watchRoom } from '../../../infra/local/room/room.ts';
import { nextState, type RoomState, reserveBytesOf } from '../../../infra/local/room/room-state.ts';

const MB = 1024 * 1024;
const TOTAL = 64 * MB;
const RESERVE = reserveBytesOf(TOTAL);

describe('the room on a disk', () => {
  const spaces = fc.record({ totalBytes: fc.constant(TOTAL), freeBytes: fc.nat(TOTAL) });
  const states = fc.constantFrom<RoomState>('enough', 'short', 'full');
  const next = (state: RoomState, freeBytes: number, { isNotedFull = false, isWritable = true } = {}) =>
    nextState(state, {
      space: { totalBytes: TOTAL, freeBytes },
      reserveBytes: RESERVE,
      isNotedFull,
      isWritable: () => isWritable,
    });

  it('is never said to be enough while less than the reserve is free, or a write has just failed', () => {
    fc.assert(
      fc.property(states, spaces, fc.boolean(), fc.boolean(), (state, { freeBytes }, isNotedFull, isWritable) => {
        const after = next(state, freeBytes, { isNotedFull, isWritable });
        if (freeBytes < RESERVE) expect(after).not.toBe('enough');
        if (isNotedFull && state === 'enough') expect(after).toBe('short');
      }),
    );
  });

  it('does not go to and fro: with the reserve held again, it is still enough', () => {
    fc.assert(
      fc.property(fc.constantFrom<RoomState>('short', 'full'), spaces, (state, { freeBytes }) => {
        if (next(state, freeBytes) === 'enough') expect(next('enough', freeBytes - RESERVE)).toBe('enough');
      }),
    );
  });

  it('is full only when a write has failed beside the reserve, and until one succeeds', () => {
    expect(next('short', 0)).toBe('short');
    expect(next('short', 0, { isNotedFull: true, isWritable: false })).toBe('full');
    expect(next('full', RESERVE, { isWritable: false })).toBe('full');
    expect(next('full', RESERVE)).toBe('short');
    expect(next('full', 3 * RESERVE)).toBe('enough');
  });

  it('holds a sixteenth of a small disk in reserve, and 16 MB of any other', () => {
    expect(reserveBytesOf(48 * MB)).toBe(3 * MB);
    expect(reserveBytesOf(1024 * 1024 * MB)).toBe(16 * MB);
  });
});

describe('somebody who watches the room', () => {
  let folder: string;
  let freeBytes: number;
  let room: Room;
  const states: RoomState[] = [];
  const reported: unknown[] = [];
  const reserve = () => join(folder, 'reserve');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chesil-room-'));
    freeBytes = TOTAL;
    states.length = 0;
    reported.length = 0;
    room = await watchRoom({
      folder,
      measure: async () => ({ totalBytes: TOTAL, freeBytes }),
      report: (error) => reported.push(error),
      everyMs: 10,
    });
    room.onChange((state) => states.push(state));
  });
  afterEach(async () => {
    await room.close();
    expect(reported).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('holds the reserve while there is enough, and gives it back when there is not', async () => {
    expect(statSync(reserve()).size).toBe(RESERVE);
    freeBytes = RESERVE - 1;
    await expect.poll(() => states).toEqual(['short']);
    expect(existsSync(reserve())).toBe(false);
    freeBytes = 3 * RESERVE;
    await expect.poll(() => states).toEqual(['short', 'enough']);
    expect(statSync(reserve()).size).toBe(RESERVE);
  });

  it('gives the reserve back as soon as a write has failed, whatever the file system says of its space', async () => {
    room.noteFull();
    await expect.poll(() => states[0]).toBe('short');
  });

  it('lets nobody write in vain once it is full to the last, and everybody go on after it', async () => {
    freeBytes = 0;
    await expect.poll(() => room.state).toBe('short');
    // A folder that is gone takes no write, as a full disk takes none.
    await rm(folder, { recursive: true });
    room.noteFull();
    await expect.poll(() => room.state).toBe('full');
    const statesOfWriters: RoomState[] = [];
    const waiting = room.writable(new AbortController().signal).then(() => statesOfWriters.push(room.state));
    await mkdir(folder);
    await waiting;
    expect(statesOfWriters).toEqual(['short']);
  });
});
