import { createHmac, timingSafeEqual } from 'node:crypto';

const HOUR_MS = 3_600_000;

/** Beginning of the hour yyyyMMddHH (UTC) in milliseconds since 1970; undefined for what is none. */
export function hourOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})$/.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year, month, day, hour] = parts as [number, number, number, number];
  const ms = Date.UTC(year, month - 1, day, hour);
  const back = new Date(ms);
  // What Date corrects (month 13, 30 February) is no hour.
  const same = back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === day && back.getUTCHours() === hour;
  return same ? ms : undefined;
}

/** Whether all of the hour has been said. */
export function isOver(hourMs: number, nowMs: number): boolean {
  return hourMs + HOUR_MS <= nowMs;
}

export function signatureOf(key: Buffer, link: { appId: number; hour: string; expiresMs: bigint }): string {
  return createHmac('sha256', key).update(`export|${link.appId}|${link.hour}|${link.expiresMs}`).digest('base64url');
}

/** In a time that tells nothing of the right one. */
export function isSignature(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
