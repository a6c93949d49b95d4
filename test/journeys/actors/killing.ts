import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { System } from '../../system.ts';

/** The processes that a process has started: of the system, the engine. */
export const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

/** `kill -9` of the system and of all that it has started, at once. */
export async function killAll(system: System): Promise<void> {
  const children = childrenOf(system.pid);
  expect(children).not.toEqual([]);
  for (const pid of children) process.kill(pid, 'SIGKILL');
  await system.kill();
}
