// W4: 10,000 messages of 100 bytes to a user who is offline, then his login and the drain.
import { client } from '@parley/msync';
import { MsyncSession } from '../load/msync-session.mjs';
import { cpuSeconds, difference } from '../measure/processes.mjs';

const MESSAGES = 10_000;
const SENDERS = 10;
const OUTSTANDING = 10;
const TEXT = 'x'.repeat(100);
const WITHIN_MS = 120_000;

/** Ten senders write to one user who has signed in before and is away; then he comes back. */
export async function offline(platform, { messages = MESSAGES, prefix = 'off' } = {}) {
  const [receiver, ...senders] = await platform.logins(prefix, SENDERS + 1);
  const url = platform.endpoints.gatewayUrl;
  // Once, so that the device is known and its cursor stands at the beginning.
  (await MsyncSession.open(url, receiver)).close();
  const sessions = await Promise.all(senders.map((login) => MsyncSession.open(url, login)));

  const acknowledged = new Set();
  const beforeStore = cpuSeconds(platform.pid, platform.partOf);
  const storeFrom = performance.now();
  await Promise.all(sessions.map((session, i) => write(session, client.textBody({ from: senders[i].user, to: receiver.user, text: TEXT }), receiver.user, messages / SENDERS, acknowledged)));
  const storeSeconds = (performance.now() - storeFrom) / 1_000;
  const stored = difference(cpuSeconds(platform.pid, platform.partOf), beforeStore);

  const seen = new Set();
  let doubled = 0;
  const beforeDrain = cpuSeconds(platform.pid, platform.partOf);
  const drainFrom = performance.now();
  const session = await MsyncSession.open(url, receiver, {});
  const drained = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${seen.size} of ${messages} drained`)), WITHIN_MS);
    session.onDelivered = (meta) => {
      if (seen.has(meta.id)) doubled++;
      seen.add(meta.id);
      if (seen.size === messages) {
        clearTimeout(late);
        resolve();
      }
    };
  });
  // The client asks for every queue that has something, as the official SDKs do.
  session.askFor(senders.map((login) => login.user));
  await drained;
  const drainSeconds = (performance.now() - drainFrom) / 1_000;
  const drain = difference(cpuSeconds(platform.pid, platform.partOf), beforeDrain);
  for (const one of [session, ...sessions]) one.close();
  return {
    storedPerSecond: messages / storeSeconds,
    storedPerCpuSecond: messages / stored.total,
    drainedPerSecond: messages / drainSeconds,
    drainedPerCpuSecond: messages / drain.total,
    lost: acknowledged.size - seen.size,
    doubled,
  };
}

/** Keeps some outstanding until so many are acknowledged. */
function write(session, payload, to, count, acknowledged) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let done = 0;
    const next = () => {
      if (sent < count) {
        session.send(to, payload);
        sent++;
      }
    };
    session.onAcknowledged = (_clientId, code, serverId) => {
      if (code !== 0) return reject(new Error(`refused with ${code}`));
      acknowledged.add(serverId);
      if (++done === count) resolve();
      else next();
    };
    for (let i = 0; i < OUTSTANDING; i++) next();
  });
}
