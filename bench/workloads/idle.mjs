// W3: logins by token, and what a logged-in connection that says nothing holds in memory.
import { randomInt } from 'node:crypto';
import { MsyncSession } from '../load/msync-session.mjs';
import { cpuSeconds, difference, residentKiB } from '../measure/processes.mjs';

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

export async function idle(platform, { connections = 5_000, atOnce = 64 } = {}) {
  const logins = await platform.logins('idle', connections);
  await platform.restart();
  await pause(10);
  const memoryBefore = residentKiB(platform.pid, platform.partOf);
  const cpuBefore = cpuSeconds(platform.pid, platform.partOf);
  const own = process.cpuUsage();
  const from = performance.now();
  const sessions = new Array(connections);
  // An address of loopback that no earlier run has used: the kernel's search for ports among those that are closing would cost
  // more than the logins.
  const localAddress = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.1`;
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < connections; i = next++) {
      sessions[i] = await MsyncSession.open(platform.endpoints.gatewayUrl, logins[i], { localAddress });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const elapsed = (performance.now() - from) / 1_000;
  const cpu = difference(cpuSeconds(platform.pid, platform.partOf), cpuBefore);
  const generator = process.cpuUsage(own);
  await pause(10);
  const memory = difference(residentKiB(platform.pid, platform.partOf), memoryBefore);
  for (const session of sessions) session.close();
  return {
    connections,
    loginsPerSecond: connections / elapsed,
    loginsPerCpuSecond: connections / cpu.total,
    loginCpuShare: cpu.parts,
    generatorCpuPerSecond: (generator.user + generator.system) / 1e6 / elapsed,
    kibPerConnection: memory.total / connections,
    kibShare: Object.fromEntries(Object.entries(memory.parts).map(([k, v]) => [k, v / connections])),
  };
}
