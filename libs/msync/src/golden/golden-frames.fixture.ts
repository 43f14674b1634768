import { readFileSync } from 'node:fs';

/** Frames recorded between an official client and a server built on this library. */
export interface GoldenFrames {
  sdk: string;
  version: string;
  /** What the client's own encoder produced. */
  uplink: { name: string; hex: string }[];
  /** What this library produced and the client accepted. */
  downlink: { name: string; hex: string; clientSaw?: string }[];
}

/** Both recordings, to be run through `describe.each`. */
export const recordings = ['agora-chat-1.4.0', 'easemob-websdk-4.21.1'].map((name) => [name, load(name)] as const);

/** The recorded frame of that name. */
export function frame(list: readonly { name: string; hex: string }[], name: string): Buffer {
  const found = list.find((entry) => entry.name === name);
  if (!found) throw new Error(`no recorded frame ${name}`);
  return Buffer.from(found.hex, 'hex');
}

function load(name: string): GoldenFrames {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as GoldenFrames;
}
