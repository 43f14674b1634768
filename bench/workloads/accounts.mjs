// W5: what accounts cost: registrations with a password (hashed; one at a time, and sixty) and without, and the check of a token
// at the REST API.
import http from 'node:http';
import { cpuSeconds, difference } from '../measure/processes.mjs';

const BATCH = 60;

export async function accounts(platform, { hashed = 120, unhashed = 4_000, checks = 20_000, atOnce = 32, prefix = 'acc' } = {}) {
  const client = new Client(platform.endpoints, atOnce);
  const appToken = await platform.appToken();
  const password = 'a password of usual length';
  const register = (i) => client.call('POST', '/users', { username: `${prefix}h${i}`, password }, appToken);
  const registerSixty = (i) =>
    client.call('POST', '/users', Array.from({ length: BATCH }, (_, n) => ({ username: `${prefix}b${i}-${n}`, password })), appToken);
  // Made on behalf of the tenant's server, signs in by token: there is no password to hash. Includes signing that token.
  const vouch = (i) => client.call('POST', '/token', { grant_type: 'inherit', username: `${prefix}t${i}`, autoCreateUser: true }, appToken);
  // Answered from the token alone: what it costs is HTTP and the check.
  await measured(platform, vouch, { count: 200, atOnce, from: 1e6 });
  const results = {
    registrationsHashed: await measured(platform, register, { count: hashed, atOnce }),
    registrationsOfSixty: await measured(platform, registerSixty, { count: Math.ceil(hashed / BATCH), atOnce: 1, each: BATCH }),
    registrationsWithoutPassword: await measured(platform, vouch, { count: unhashed, atOnce }),
  };
  const users = await platform.logins(`${prefix}c`, 100);
  const check = (i) => client.call('GET', `/sdk/users/${users[i % users.length].user}/token/expires`, undefined, users[i % users.length].token);
  await measured(platform, check, { count: 2_000, atOnce });
  results.userTokenChecks = await measured(platform, check, { count: checks, atOnce });
  client.close();
  return results;
}

/** @param each what one question counts for */
async function measured(platform, ask, { count, atOnce, from = 0, each = 1 }) {
  const cpuBefore = cpuSeconds(platform.pid, platform.partOf);
  const own = process.cpuUsage();
  const startedAt = performance.now();
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await ask(from + i);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = difference(cpuSeconds(platform.pid, platform.partOf), cpuBefore);
  const generator = process.cpuUsage(own);
  return {
    perSecond: (count * each) / seconds,
    perCpuSecond: (count * each) / cpu.total,
    cpuShare: cpu.parts,
    generatorCpuPerSecond: (generator.user + generator.system) / 1e6 / seconds,
  };
}

/** Kept connections and little else, so that the server is what is measured. */
class Client {
  constructor({ restUrl, org, app }, sockets) {
    this.base = new URL(`${restUrl}/${org}/${app}`);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  }

  call(method, path, body, token) {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, ...(payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {}) };
      const request = http.request(
        { agent: this.agent, host: this.base.hostname, port: this.base.port, method, path: this.base.pathname + path, headers },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
          response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))));
        },
      );
      request.on('error', reject);
      request.end(payload);
    });
  }

  close() {
    this.agent.destroy();
  }
}
