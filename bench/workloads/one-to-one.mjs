// W1: durable one-to-one messages of 100 bytes over 50 pairs.
import { client } from '@parley/msync';
import { MsyncSession } from '../load/msync-session.mjs';
import { Latencies } from '../measure/latencies.mjs';
import { cpuSeconds, difference } from '../measure/processes.mjs';

const PAIRS = 50;
const TEXT = 'x'.repeat(100);

async function openPairs(platform, prefix) {
  const logins = await platform.logins(prefix, PAIRS * 2);
  const url = platform.endpoints.gatewayUrl;
  const sessions = await Promise.all(logins.map((login) => MsyncSession.open(url, login)));
  return Array.from({ length: PAIRS }, (_, i) => ({
    sender: sessions[2 * i],
    receiver: sessions[2 * i + 1],
    to: logins[2 * i + 1].user,
    payload: client.textBody({ from: logins[2 * i].user, to: logins[2 * i + 1].user, text: TEXT }),
  }));
}

/** Follows messages from send to acknowledgement and delivery; `done` when both have come. */
class Tracker {
  #byServerId = new Map();
  #pending = new Map();
  acknowledged = 0;
  delivered = 0;
  doubled = 0;
  #seen = new Set();
  errors = 0;

  constructor(done) {
    this.done = done;
  }

  sent(pairIndex, clientId, dueMs) {
    this.#pending.set(`${pairIndex} ${clientId}`, { dueMs, pairIndex });
  }

  ack(pairIndex, clientId, code, serverId) {
    const key = `${pairIndex} ${clientId}`;
    const message = this.#pending.get(key);
    this.#pending.delete(key);
    if (code !== 0) {
      this.errors++;
      return this.done(message, undefined);
    }
    this.acknowledged++;
    this.#meet(serverId, message);
  }

  deliver(serverId, atMs) {
    if (this.#seen.has(serverId)) {
      this.doubled++;
      return;
    }
    this.#seen.add(serverId);
    this.delivered++;
    this.#meet(serverId, undefined, atMs);
  }

  #meet(serverId, message, atMs) {
    const other = this.#byServerId.get(serverId);
    if (!other) {
      this.#byServerId.set(serverId, { message, atMs });
      return;
    }
    this.#byServerId.delete(serverId);
    this.done(message ?? other.message, atMs ?? other.atMs);
  }

  get open() {
    return this.#pending.size + this.#byServerId.size;
  }
}

function wire(pairs, tracker) {
  pairs.forEach(({ sender, receiver }, i) => {
    sender.onAcknowledged = (clientId, code, serverId) => tracker.ack(i, clientId, code, serverId);
    receiver.onDelivered = (meta) => tracker.deliver(meta.id, performance.now());
  });
}

async function settle(tracker) {
  const until = Date.now() + 10_000;
  while (tracker.open > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Closed loop: each sender keeps 10 messages outstanding; one is over when it is acknowledged and delivered. */
export async function saturated(platform, { seconds = 20, warmupSeconds = 5, outstanding = 10, prefix = 'sat' } = {}) {
  const pairs = await openPairs(platform, prefix);
  let running = true;
  let measuring = false;
  let finished = 0;
  const latencies = new Latencies();
  const next = (i) => {
    const { sender, to, payload } = pairs[i];
    tracker.sent(i, sender.send(to, payload), performance.now());
  };
  const tracker = new Tracker((message, atMs) => {
    if (measuring) {
      finished++;
      if (atMs !== undefined) latencies.record(atMs - message.dueMs);
    }
    if (running) next(message.pairIndex);
  });
  wire(pairs, tracker);
  pairs.forEach((_, i) => {
    for (let k = 0; k < outstanding; k++) next(i);
  });
  await new Promise((resolve) => setTimeout(resolve, warmupSeconds * 1_000));
  const before = cpuSeconds(platform.pid, platform.partOf);
  const own = process.cpuUsage();
  const from = performance.now();
  measuring = true;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  measuring = false;
  const elapsed = (performance.now() - from) / 1_000;
  const cpu = difference(cpuSeconds(platform.pid, platform.partOf), before);
  const generator = process.cpuUsage(own);
  running = false;
  await settle(tracker);
  for (const { sender, receiver } of pairs) {
    sender.close();
    receiver.close();
  }
  return {
    messagesPerSecond: finished / elapsed,
    messagesPerCpuSecond: finished / cpu.total,
    serverCpuPerSecond: cpu.total / elapsed,
    cpuShare: cpu.parts,
    latencyMs: latencies.summary(),
    generatorCpuPerSecond: (generator.user + generator.system) / 1e6 / elapsed,
    acknowledged: tracker.acknowledged,
    delivered: tracker.delivered,
    doubled: tracker.doubled,
    errors: tracker.errors,
    lost: tracker.acknowledged - tracker.delivered,
  };
}

/** Open loop at a fixed rate over all pairs; latency from the moment a message was due, not from when it left. */
export async function paced(platform, { perSecond = 500, seconds = 20, prefix = 'pace' } = {}) {
  const pairs = await openPairs(platform, prefix);
  const latencies = new Latencies();
  let measureFrom = Infinity;
  const tracker = new Tracker((message, atMs) => {
    if (atMs !== undefined && message.dueMs >= measureFrom) latencies.record(atMs - message.dueMs);
  });
  wire(pairs, tracker);
  const start = performance.now();
  measureFrom = start + 3_000;
  const total = perSecond * (seconds + 3);
  let before;
  let fromMs;
  for (let n = 0; n < total; ) {
    const now = performance.now();
    if (!before && now >= measureFrom) {
      before = cpuSeconds(platform.pid, platform.partOf);
      fromMs = performance.now();
    }
    for (; n < total && start + (n * 1_000) / perSecond <= now; n++) {
      const i = n % PAIRS;
      const { sender, to, payload } = pairs[i];
      tracker.sent(i, sender.send(to, payload), start + (n * 1_000) / perSecond);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await settle(tracker);
  const cpu = difference(cpuSeconds(platform.pid, platform.partOf), before);
  const elapsed = (performance.now() - fromMs) / 1_000;
  for (const { sender, receiver } of pairs) {
    sender.close();
    receiver.close();
  }
  return {
    perSecond,
    latencyMs: latencies.summary(),
    serverCpuPerSecond: cpu.total / elapsed,
    messagesPerCpuSecond: latencies.count / cpu.total,
    errors: tracker.errors,
    lost: tracker.acknowledged - tracker.delivered,
    doubled: tracker.doubled,
  };
}
