import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { createReport } from '../report.ts';
import { type Room, watchRoom } from './room.ts';
import { type DiskSpace, type RoomState, reserveBytesOf } from './room-state.ts';

/**
 * Watches the disk of a data folder, and says in the terminal when there is no longer, or again, enough room on it.
 *
 * @param dataDir a folder that is there, and that nobody else uses
 */
export async function watchDisk(dataDir: string): Promise<Room> {
  const report = createReport(join(dataDir, 'logs'));
  const room = await watchRoom({ folder: dataDir, measure: () => spaceOf(dataDir), report });
  const say = async (state: RoomState) => console.error(sentenceOf(state, dataDir, await spaceOf(dataDir)));
  if (room.state !== 'enough') await say(room.state);
  room.onChange((state) => void say(state).catch(report));
  return room;
}

async function spaceOf(folder: string): Promise<DiskSpace> {
  const { bsize, blocks, bavail } = await statfs(folder);
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail };
}

const MEGABYTE = 1024 * 1024;

function sentenceOf(state: RoomState, dataDir: string, { totalBytes }: DiskSpace): string {
  const wanted = Math.ceil((3 * reserveBytesOf(totalBytes)) / MEGABYTE);
  switch (state) {
    case 'enough':
      return `There is room again on the disk of ${dataDir}: everything is taken as before.`;
    case 'short':
      return `The disk of ${dataDir} is full: records can be read, and writers are told to come back, until ${wanted} MB are free.`;
    case 'full':
      return `The disk of ${dataDir} is full to the last: nothing can be read or written until ${wanted} MB are free.`;
  }
}
