import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How a start that did not succeed ended. */
export interface FailedStart {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  /** A command that the start is run by, such as `unshare` with its arguments. */
  readonly through?: readonly string[];
  /** User and group that it runs as. */
  readonly userId?: number;
}

const START = ['infra/local/start.ts', '--empty', '--port', '0'];

/** Starts the system and waits until it ends. @returns `undefined` when it ended well, which none of these starts should */
export async function failToStart(
  flags: readonly string[],
  { through = [], userId }: Options = {},
): Promise<FailedStart | undefined> {
  const [command, ...args] = [...through, process.execPath, ...START, ...flags] as [string, ...string[]];
  const owner = userId === undefined ? {} : { uid: userId, gid: userId };
  return promisify(execFile)(command, args, owner).then(
    () => undefined,
    (error: FailedStart) => error,
  );
}
