// Starts Parley as an operator would and makes the users that a workload needs.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const START_WITHIN_MS = 120_000;

export class Platform {
  static async start({ processes = false, env = {}, home = mkdtempSync(join(tmpdir(), 'parley-bench-')) } = {}) {
    const args = [join(root, 'apps/cli/dist/main.js'), 'up', ...(processes ? ['--processes'] : [])];
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PARLEY_HOME: home,
        PARLEY_API_PORT: '0',
        PARLEY_API_RATES: 'false',
        PARLEY_GATEWAY_PORT: '0',
        PARLEY_DEMO_PORT: '0',
        PARLEY_GATEWAY_MAX_LOGINS_PER_SECOND: '100000',
        PARLEY_GATEWAY_MAX_LOGINS_OF_APP_PER_SECOND: '100000',
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
    const out = createWriteStream(join(home, 'up.log'));
    child.stdout.pipe(out);
    child.stderr.pipe(out);
    const file = join(home, 'endpoints.json');
    const until = Date.now() + START_WITHIN_MS;
    while (!existsSync(file)) {
      if (child.exitCode !== null || Date.now() > until) {
        throw new Error(`Parley did not start:\n${readFileSync(join(home, 'up.log'), 'utf8')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return new Platform(child, home, JSON.parse(readFileSync(file, 'utf8')), { processes, env });
  }

  constructor(child, home, endpoints, options) {
    this.child = child;
    this.home = home;
    this.endpoints = endpoints;
    this.options = options;
  }

  get pid() {
    return this.child.pid;
  }

  /** Which part of the server a process is. */
  partOf = (process) => {
    const pids = JSON.parse(readFileSync(join(this.home, 'pids.json'), 'utf8'));
    if (process.pid === this.pid) return 'supervisor';
    const named = Object.entries(pids).find(([, pid]) => pid === process.pid);
    return named ? named[0] : process.name.startsWith('postgres') ? 'postgres' : process.name;
  };

  async rest(method, path, body, token) {
    const { restUrl, org, app } = this.endpoints;
    const response = await fetch(`${restUrl}/${org}/${app}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async appToken() {
    const { clientId, clientSecret } = this.endpoints;
    const body = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    return (await this.rest('POST', '/token', body)).access_token;
  }

  /** Logins of new users without a password: the tenant's server vouches for them. */
  async logins(prefix, count, atOnce = 32) {
    const appToken = await this.appToken();
    const logins = new Array(count);
    let next = 0;
    const worker = async () => {
      for (let i = next++; i < count; i = next++) {
        const user = `${prefix}${i}`;
        const body = { grant_type: 'inherit', username: user, autoCreateUser: true };
        const { access_token: token } = await this.rest('POST', '/token', body, appToken);
        logins[i] = { appKey: this.endpoints.appKey, user, resource: 'webim_bench', token };
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return logins;
  }

  /** The same data under new processes, whose memory tells nothing of what was done before. */
  async restart() {
    await this.#end();
    const fresh = await Platform.start({ ...this.options, home: this.home });
    this.child = fresh.child;
    this.endpoints = fresh.endpoints;
  }

  async stop() {
    await this.#end();
    rmSync(this.home, { recursive: true, force: true });
  }

  async #end() {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
