import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@parley/config';
import { generate } from 'selfsigned';
import { CertificateFiles, checkTransport, type Pem, tlsConfig, TrustedAddresses, trustedProxies } from './index.js';
import { eventually } from '@parley/testkit';

const settings = (env: NodeJS.ProcessEnv = {}) => loadConfig({ tls: tlsConfig }, env).tls;

describe('how an edge listens', () => {
  it('is plain on loopback', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(checkTransport(settings(), host, [], 'X')).toEqual({ kind: 'plain', onlyFrom: undefined });
  });

  it('is not plain elsewhere: that is a mistake, and the message says what to do', () => {
    expect(() => checkTransport(settings(), '0.0.0.0', [], 'PARLEY_API_TRUSTED_PROXIES')).toThrow(/PARLEY_TLS_CERT_FILE.*PARLEY_API_TRUSTED_PROXIES.*PARLEY_INSECURE_PLAIN/);
  });

  it('is plain for the proxies that are named, and nobody else', () => {
    expect(checkTransport(settings(), '0.0.0.0', ['10.0.0.0/8'], 'X')).toEqual({ kind: 'plain', onlyFrom: ['10.0.0.0/8', '127.0.0.0/8', '::1'] });
  });

  it('is plain for anybody when that is asked for', () => {
    expect(checkTransport(settings({ PARLEY_INSECURE_PLAIN: 'true' }), '0.0.0.0', [], 'X')).toEqual({ kind: 'plain', onlyFrom: undefined });
  });

  it('is with a certificate when there is one; half of it is a mistake', () => {
    expect(checkTransport(settings({ PARLEY_TLS_CERT_FILE: 'c', PARLEY_TLS_KEY_FILE: 'k' }), '0.0.0.0', [], 'X')).toEqual({ kind: 'tls', certFile: 'c', keyFile: 'k' });
    expect(() => checkTransport(settings({ PARLEY_TLS_CERT_FILE: 'c' }), '127.0.0.1', [], 'X')).toThrow('both');
  });
});

describe('trusted addresses', () => {
  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.168.0.7', true],
    ['192.168.0.8', false],
    ['fd00::5', true],
    ['', false],
    ['x', false],
  ])('%j is one: %s', (address, is) => {
    expect(new TrustedAddresses(['10.0.0.0/8', '192.168.0.7', 'fd00::/8']).has(address)).toBe(is);
  });

  it('are found by their bytes', () => {
    const list = new TrustedAddresses(['10.0.0.0/8', 'fd00::/8']);
    const v6 = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
    expect([new Uint8Array([10, 0, 0, 1]), new Uint8Array([11, 0, 0, 1]), v6(`${'00'.repeat(10)}ffff0a000001`), v6(`fd${'00'.repeat(15)}`)].map((one) => list.hasBytes(one))).toEqual([true, false, true, true]);
  });

  it.each([
    ['203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['::ffff:10.0.0.1', '2001:db8::1', '2001:db8::1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', 'nonsense', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.1'],
  ])('behind %s, which names %j, is %s: what a stranger writes himself does not count', (peer, forwardedFor, caller) => {
    expect(new TrustedAddresses(['10.0.0.0/8']).callerBehind(peer, forwardedFor)).toBe(caller);
  });

  it('are read from a list, with every mistake named', () => {
    expect(trustedProxies.parse(' 10.0.0.0/8, ::1 ')).toEqual(['10.0.0.0/8', '::1']);
    expect(() => trustedProxies.parse('10.0.0.0/33')).toThrow('10.0.0.0/33');
    expect(() => trustedProxies.parse('proxy.example')).toThrow('proxy.example');
  });
});

describe('a certificate in files', () => {
  let folder: string;
  let one: Pem;
  let other: Pem;
  const paths = () => ({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') });
  const write = ({ cert, key }: Pem) => {
    writeFileSync(paths().certFile, cert);
    writeFileSync(paths().keyFile, key);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-tls-'));
    [one, other] = (await Promise.all([pair(), pair()])) as [Pem, Pem];
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused at the start when it is none, or not its key', () => {
    expect(() => CertificateFiles.load({ certFile: '/nowhere', keyFile: '/nowhere' })).toThrow('PARLEY_TLS_CERT_FILE: /nowhere');
    write({ cert: one.cert, key: other.key });
    expect(() => CertificateFiles.load(paths())).toThrow('not a certificate with its key');
    write({ cert: 'nonsense', key: 'nonsense' });
    expect(() => CertificateFiles.load(paths())).toThrow('not a certificate with its key');
  });

  it('is taken over when it changes; one that does not work is not, and the next good one is', async () => {
    write(one);
    const files = CertificateFiles.load(paths());
    let told: (pem: Pem) => void = () => undefined;
    const next = () => new Promise<Pem>((resolve) => (told = resolve));
    files.watch((pem) => told(pem), 5);
    write({ cert: one.cert, key: 'nonsense' });
    await eventually(() => files.problem);
    expect(files.current).toEqual(one);
    const taken = next();
    write(other);
    expect(await taken).toEqual(other);
    files.stop();
  });
});

async function pair(): Promise<Pem> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' } as never);
  return { cert: made.cert, key: made.private };
}
