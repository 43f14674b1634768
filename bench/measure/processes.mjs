// CPU and memory of the whole server: the supervisor and everything below it (services, PostgreSQL, nats-server).
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

function stat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (i) => Number(fields[i]);
  return { pid, name, ppid: ticks(1), own: ticks(11) + ticks(12), reaped: ticks(13) + ticks(14) };
}

/** Every process below `root`, itself included. */
export function processTree(root) {
  const all = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      all.set(Number(entry), stat(Number(entry)));
    } catch {
      // gone meanwhile
    }
  }
  const tree = [];
  const add = (pid) => {
    const one = all.get(pid);
    if (!one) return;
    tree.push(one);
    for (const other of all.values()) if (other.ppid === pid) add(other.pid);
  };
  add(root);
  return tree;
}

/** CPU seconds spent so far, by part, ended children included. */
export function cpuSeconds(root, partOf) {
  const parts = {};
  let total = 0;
  for (const one of processTree(root)) {
    const seconds = (one.own + one.reaped) / TICKS_PER_SECOND;
    const part = partOf(one);
    parts[part] = (parts[part] ?? 0) + seconds;
    total += seconds;
  }
  return { total, parts };
}

/** Resident memory in KiB, by part; memory that PostgreSQL's processes share is counted once (PSS). */
export function residentKiB(root, partOf) {
  const parts = {};
  let total = 0;
  for (const one of processTree(root)) {
    let kib;
    try {
      kib = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one.pid}/smaps_rollup`, 'utf8'))[1]);
    } catch {
      continue;
    }
    const part = partOf(one);
    parts[part] = (parts[part] ?? 0) + kib;
    total += kib;
  }
  return { total, parts };
}

export function difference(after, before) {
  const parts = Object.fromEntries(Object.entries(after.parts).map(([k, v]) => [k, v - (before.parts[k] ?? 0)]));
  return { total: after.total - before.total, parts };
}
