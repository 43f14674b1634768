import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@parley/testkit';
import type { Transport } from '@parley/tls';
import { generate } from 'selfsigned';
import { WebSocket } from 'ws';
import { GatewayServer } from './gateway.server.js';

interface Pair {
  cert: string;
  private: string;
}
const folder = mkdtempSync(join(tmpdir(), 'parley-gateway-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
const servers: GatewayServer[] = [];
let one: Pair;
let other: Pair;

beforeAll(async () => {
  const made = () => generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' } as never) as Promise<Pair>;
  [one, other] = await Promise.all([made(), made()]);
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.stopListening();
    server.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write({ cert, private: key }: Pair): void {
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
}

/** A gateway that answers every frame with itself. */
async function gateway(transport: Transport, host = '127.0.0.1') {
  const limits = { maxFrameBytes: 65_536, idleTimeoutSeconds: 120, loginTimeoutSeconds: 15, maxConnections: 100 };
  const server = new GatewayServer({ host, port: 0, transport, trustedProxies: [], ...limits }, {
    frame: (session, bytes) => session.wire.send(bytes),
    closed: () => undefined,
    drained: () => undefined,
    ready: async () => true,
  });
  servers.push(server);
  return server.start();
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { rejectUnauthorized: false });
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send(Buffer.from(text));
  return answer;
}

function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('a gateway with a certificate', () => {
  it('speaks wss and https, and nothing without TLS', async () => {
    write(one);
    const port = await gateway({ kind: 'tls', ...files });
    const socket = await open(`wss://127.0.0.1:${port}/websocket`);
    expect(await echo(socket, 'hello')).toBe('hello');
    const status = await new Promise((resolve) => get(`https://127.0.0.1:${port}/health/ready`, { rejectUnauthorized: false, agent: false }, (answer) => resolve(answer.resume().statusCode)));
    expect(status).toBe(200);
    await expect(open(`ws://127.0.0.1:${port}/websocket`)).rejects.toThrow();
    socket.terminate();
  });

  it('shows a new one to new connections when the files change; those that are open stay', async () => {
    write(one);
    const port = await gateway({ kind: 'tls', ...files });
    expect(await shown(port)).toBe(one.cert.trim() + '\n');
    const before = await open(`wss://127.0.0.1:${port}/websocket`);
    write(other);
    await eventually(async () => (await shown(port)) === other.cert.trim() + '\n', { what: 'the new certificate' });
    expect(await echo(before, 'still here')).toBe('still here');
    const after = await open(`wss://127.0.0.1:${port}/websocket`);
    expect(await echo(after, 'hello')).toBe('hello');
    before.terminate();
    after.terminate();
  }, 30_000);

  it('does not start with files that are none', () => {
    writeFileSync(files.certFile, 'nonsense');
    expect(() => new GatewayServer({ transport: { kind: 'tls', ...files } } as never, {} as never)).toThrow('not a certificate with its key');
  });
});

describe('a gateway behind proxies', () => {

  it('lets in those that are named, this machine, and nobody else', async () => {
    const port = await gateway({ kind: 'plain', onlyFrom: ['127.0.0.0/8'] });
    (await open(`ws://127.0.0.1:${port}/websocket`)).terminate();
    const strict = await gateway({ kind: 'plain', onlyFrom: ['10.255.255.1'] });
    await expect(open(`ws://127.0.0.1:${strict}/websocket`)).rejects.toThrow('403');
    expect((await fetch(`http://127.0.0.1:${strict}/health/live`)).status).toBe(200);
  });
});
