// Attachments: bytes a second up and down through the platform, beside plain nginx that keeps the same bodies with PUT and gives
// static files, in one run, by the same clients. nginx is Debian's package; install it by hand (apt-get install nginx): it is of
// use here alone.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLIENTS = 4;
const MIB = 1024 * 1024;
const BOUNDARY = 'parley-bench';

export async function files(platform, { seconds }) {
  const token = await platform.appToken();
  const { restUrl, org, app } = platform.endpoints;
  const base = `${restUrl}/${org}/${app}/chatfiles`;
  const nginx = await Nginx.start();
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  try {
    const results = {};
    for (const bytes of [100 * 1024, 4 * MIB]) {
      const body = Buffer.alloc(bytes, 'parley');
      const head = Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`);
      const form = Buffer.concat([head, body, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
      const headers = { authorization: `Bearer ${token}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-length': form.length };
      const keep = { 'content-length': body.length };
      const { uuid } = JSON.parse(await call(agent, 'POST', base, headers, form)).entities[0];
      let n = 0;
      const sides = {
        nginxUp: () => call(agent, 'PUT', `${nginx.url}/f${n++ % 200}`, keep, body),
        parleyUp: () => call(agent, 'POST', base, headers, form),
        nginxDown: () => call(agent, 'GET', `${nginx.url}/f0`, {}),
        parleyDown: () => call(agent, 'GET', `${base}/${uuid}`, { authorization: headers.authorization }),
      };
      const rates = { nginxUp: [], parleyUp: [], nginxDown: [], parleyDown: [] };
      // In turns, so that what the machine does beside hits both alike.
      for (let turn = 0; turn < 3; turn++) for (const [name, once] of Object.entries(sides)) rates[name].push(await perSecond(once, seconds / 6));
      const median = (values) => values.sort((a, b) => a - b)[1];
      const [nu, pu, nd, pd] = ['nginxUp', 'parleyUp', 'nginxDown', 'parleyDown'].map((name) => median(rates[name]));
      results[`${bytes / 1024}KiB`] = {
        up: { parleyPerSecond: pu, nginxPerSecond: nu, parleyMiBps: (pu * bytes) / MIB, ratio: pu / nu },
        down: { parleyPerSecond: pd, nginxPerSecond: nd, parleyMiBps: (pd * bytes) / MIB, ratio: pd / nd },
      };
    }
    return results;
  } finally {
    agent.destroy();
    await nginx.stop();
  }
}

async function perSecond(once, seconds) {
  const from = performance.now();
  const until = from + seconds * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < until) {
        await once();
        done++;
      }
    }),
  );
  return done / ((performance.now() - from) / 1_000);
}

function call(agent, method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method, headers }, (response) => {
      const text = [];
      // A large answer is only counted.
      response.on('data', (chunk) => (text.length < 4 ? text.push(chunk) : undefined));
      response.on('end', () => (response.statusCode < 300 ? resolve(Buffer.concat(text).toString('latin1')) : reject(new Error(`${method} ${url}: ${response.statusCode}`))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

class Nginx {
  static async start() {
    const folder = mkdtempSync(join(tmpdir(), 'parley-nginx-'));
    const port = await freePort();
    const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; user root;
      events { worker_connections 256; }
      http { access_log off; sendfile on; client_max_body_size 64m; client_body_temp_path ${folder}/temp;
        server { listen 127.0.0.1:${port}; root ${folder}/www; location / { dav_methods PUT; create_full_put_path on; } } }`;
    writeFileSync(join(folder, 'nginx.conf'), config);
    const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], { stdio: 'ignore' });
    const failed = new Promise((_, reject) => child.once('error', () => reject(new Error('the workload needs nginx: apt-get install nginx'))));
    const server = new Nginx(child, folder, `http://127.0.0.1:${port}`);
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 500))]);
    return server;
  }

  constructor(child, folder, url) {
    Object.assign(this, { child, folder, url });
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
