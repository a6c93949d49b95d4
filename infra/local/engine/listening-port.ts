import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `st` of a listening socket (Linux, `include/net/tcp_states.h`, TCP_LISTEN). */
const LISTEN = '0A';

/**
 * The TCP port on which a process listens, which it chose itself. So there is no moment in which another process can
 * take a port that was found free. Read from `/proc` (proc(5)), because the engine does not print the port.
 *
 * @param pid of the process, or of the shell that started it
 * @returns `undefined` while nothing listens, or when the process is gone
 */
export function listeningPort(pid: number): number | undefined {
  try {
    const pids = [pid, ...childrenOf(pid)];
    const sockets = new Set(pids.flatMap(socketsOf));
    return portsByInode(pid).find(({ inode }) => sockets.has(inode))?.port;
  } catch {
    return undefined;
  }
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(targetOf(`${folder}/${fd}`))?.[1] ?? []);
}

/** A file that was closed meanwhile leads nowhere. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Listening sockets of the network that a process is in; columns as in `/proc/net/tcp`. */
function portsByInode(pid: number): { readonly inode: string; readonly port: number }[] {
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, , , state]) => state === LISTEN)
    .map((row) => ({ port: Number.parseInt(row[1]!.split(':')[1]!, 16), inode: row[9]! }));
}
