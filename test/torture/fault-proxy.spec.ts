import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@parley/embedded';
import { eventually } from '@parley/testkit';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.js';
import { ownerOf } from './socket-owner.js';

describe('the network that fails', () => {
  let server: Server;
  let proxy: FaultProxy;
  const atServer: Socket[] = [];
  const clients: Client[] = [];

  beforeEach(async () => {
    // given a server that answers what it is told
    server = createServer((socket) => {
      atServer.push(socket);
      socket.on('data', (bytes) => socket.write(bytes)).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await FaultProxy.start((server.address() as AddressInfo).port, (from) => clients.find((one) => one.port === from)?.name);
  });

  afterEach(async () => {
    clients.splice(0).forEach(({ socket }) => socket.destroy());
    await proxy.stop();
    atServer.splice(0).forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });

  const client = async (name: string) => {
    const one = new Client(name, await freePort('127.0.0.1'), proxy.port);
    clients.push(one);
    await one.connected;
    return one;
  };

  it('is cut for one client alone, which cannot come back until it is over', async () => {
    const [ann, bob] = [await client('ann'), await client('bob')];
    await Promise.all([ann.asks('1'), bob.asks('1')]);
    proxy.set('cut', 'ann');
    await ann.closed;
    await (await client('ann')).closed;
    await bob.asks('2');
    proxy.set('clear', 'ann');
    await (await client('ann')).asks('3');
  });

  it('is silent: nothing is lost, all arrives when it is over', async () => {
    const ann = await client('ann');
    await ann.asks('1');
    proxy.set('silent');
    ann.socket.write('2');
    // what came another way meanwhile shows that there was time
    await new Promise((resolve) => connect((server.address() as AddressInfo).port, '127.0.0.1').end('x').resume().once('close', resolve));
    expect(ann.heard).toBe('1');
    proxy.set('clear');
    await eventually(() => ann.heard === '12', { what: 'what was held back' });
  });

  it('is slow: everything arrives, in order', async () => {
    const ann = await client('ann');
    proxy.set('slow');
    ann.socket.write('1');
    await eventually(() => proxy.felt > 0 && ann.heard === '1', { what: 'the first' });
    ann.socket.write('2');
    proxy.set('clear');
    ann.socket.write('3');
    await eventually(() => ann.heard === '123', { what: 'all in order' });
  });

  it('forgets what is connected without a word to either end, and takes new connections', async () => {
    const ann = await client('ann');
    await ann.asks('1');
    proxy.set('forgotten');
    ann.socket.write('2');
    await (await client('ann')).asks('3');
    ann.socket.destroy();
    await (await client('ann')).asks('4');
    expect(ann.heard).toBe('1');
    expect(atServer.map((socket) => socket.destroyed)).toEqual([false, false, false]);
  });

  it('knows by its port which process a client is', async () => {
    const ann = await client('ann');
    expect(ownerOf({ other: 1, me: process.pid }, ann.port, proxy.port)).toBe('me');
    expect(ownerOf({ me: process.pid }, ann.port, proxy.port + 1)).toBeUndefined();
  });
});

class Client {
  readonly socket: Socket;
  readonly connected: Promise<unknown>;
  readonly closed: Promise<unknown>;
  heard = '';

  constructor(
    readonly name: string,
    readonly port: number,
    to: number,
  ) {
    this.socket = connect({ host: '127.0.0.1', localPort: port, port: to });
    this.connected = new Promise((resolve) => this.socket.once('connect', resolve));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined).on('data', (bytes) => (this.heard += String(bytes)));
  }

  async asks(what: string): Promise<void> {
    this.socket.write(what);
    await eventually(() => this.heard.endsWith(what), { what: `the answer to ${what}` });
  }
}
