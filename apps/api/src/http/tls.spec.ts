import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateFiles, type Transport } from '@parley/tls';
import { generate } from 'selfsigned';
import { loadServiceConfig } from '../config.js';
import { createAdapter } from './server.js';
import { eventually } from '@parley/testkit';

interface Pair {
  cert: string;
  private: string;
}
const folder = mkdtempSync(join(tmpdir(), 'parley-api-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
let one: Pair;
let other: Pair;

beforeAll(async () => {
  const made = () => generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' } as never) as Promise<Pair>;
  [one, other] = await Promise.all([made(), made()]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write({ cert, private: key }: Pair): void {
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
}

async function server(transport: Transport, trustedProxies: string[] = [], certificate?: CertificateFiles) {
  const adapter = await createAdapter({ maxBodyBytes: 65_536, formWithinSeconds: 330, trustedProxies }, transport, certificate?.current);
  const fastify = adapter.getInstance();
  fastify.get('/who', (request: { ip: string; protocol: string; host: string }, reply: { send(body: unknown): void }) => reply.send({ ip: request.ip, protocol: request.protocol, host: request.host }));
  fastify.get('/health/live', (_: unknown, reply: { send(body: unknown): void }) => reply.send({}));
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  const port = (fastify.server.address() as AddressInfo).port;
  return { port, tls: fastify.server as unknown as Server, close: () => fastify.close() };
}

function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('the API with a certificate', () => {
  it('speaks https, and shows a new certificate when the files change', async () => {
    write(one);
    const certificate = CertificateFiles.load(files);
    const { port, tls, close } = await server({ kind: 'tls', ...files }, [], certificate);
    certificate.watch((pem) => tls.setSecureContext(pem), 10);
    const status = await new Promise((resolve) => get(`https://127.0.0.1:${port}/who`, { rejectUnauthorized: false, agent: false }, (answer) => resolve(answer.resume().statusCode)));
    expect(status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/who`)).rejects.toThrow();
    expect(await shown(port)).toBe(one.cert.trim() + '\n');

    write({ cert: other.cert, private: one.private });
    await eventually(() => certificate.problem);
    expect(await shown(port)).toBe(one.cert.trim() + '\n');
    write(other);
    const until = Date.now() + 10_000;
    while ((await shown(port)) !== other.cert.trim() + '\n') if (Date.now() > until) throw new Error('the new certificate was never shown');
    certificate.stop();
    await close();
  }, 20_000);
});

describe('the API behind proxies', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example' };
  const who = async (port: number) => (await fetch(`http://127.0.0.1:${port}/who`, { headers: forwarded })).json();

  it('believes what those say that are named', async () => {
    const { port, close } = await server({ kind: 'plain', onlyFrom: undefined }, ['127.0.0.0/8']);
    expect(await who(port)).toEqual({ ip: '203.0.113.9', protocol: 'https', host: 'chat.example' });
    await close();
  });

  it('believes nobody else', async () => {
    const { port, close } = await server({ kind: 'plain', onlyFrom: undefined }, ['10.0.0.0/8']);
    expect(await who(port)).toEqual({ ip: '127.0.0.1', protocol: 'http', host: `127.0.0.1:${port}` });
    await close();
  });

  it('refuses others without TLS, but tells anybody how it is', async () => {
    const { port, close } = await server({ kind: 'plain', onlyFrom: ['10.0.0.0/8'] }, ['10.0.0.0/8']);
    const answer = await fetch(`http://127.0.0.1:${port}/who`);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: 'forbidden_op' });
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await close();
  });

  it('does not start without TLS beyond this machine', () => {
    expect(() => loadServiceConfig({ PARLEY_HOST: '0.0.0.0' })).toThrow('PARLEY_API_TRUSTED_PROXIES');
    expect(loadServiceConfig({ PARLEY_HOST: '0.0.0.0', PARLEY_API_TRUSTED_PROXIES: '10.0.0.0/8' }).transport).toMatchObject({ kind: 'plain' });
  });
});
