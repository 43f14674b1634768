import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which of these processes has the connection from one port of 127.0.0.1 to another; undefined when none of them has.
 * Linux keeps it in /proc; elsewhere nobody is known.
 */
export function ownerOf(pids: Readonly<Record<string, number>>, from: number, to: number): string | undefined {
  const inode = inodeOf(`0100007F:${hex(from)} 0100007F:${hex(to)}`);
  return inode === undefined ? undefined : Object.keys(pids).find((name) => holds(pids[name]!, `socket:[${inode}]`));
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

function inodeOf(ends: string): string | undefined {
  const line = readOr('/proc/net/tcp', '').split('\n').find((one) => one.includes(ends));
  return line?.trim().split(/\s+/)[9];
}

function holds(pid: number, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => linkOf(`${folder}/${name}`) === socket);
  } catch {
    return false; // it has just ended
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return otherwise;
  }
}
