import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { takeRest, untilRead } from './request-time.js';

let server: Server;
afterEach(() => void server.close());

/** Sends this and resolves with what came back when the connection ended. */
async function sent(text: string, handle: (request: IncomingMessage) => void, answer = false): Promise<string> {
  server = createServer((request, response) => {
    handle(request);
    request.resume().on('end', () => answer && response.setHeader('connection', 'close').end('whole'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (data) => (received += data.toString()));
    socket.on('close', () => resolve(received));
  });
}
const head = (length: number) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

describe('the time of a request', () => {
  it('ends when its body does not come whole', async () => {
    const answer = await sent(`${head(10)}half`, (request) => untilRead(request, 30, (socket) => socket.end('cut off')));
    expect(answer).toBe('cut off');
  });

  it('is no matter for one that is whole, or has no body', async () => {
    const cut = () => {
      throw new Error('must not be cut off');
    };
    expect(await sent(`${head(4)}four`, (request) => untilRead(request, 10_000, cut), true)).toContain('whole');
    server.close();
    expect(await sent('GET / HTTP/1.1\r\nHost: x\r\n\r\n', (request) => untilRead(request, 0, cut), true)).toContain('whole');
  });
});

describe('what still comes of a body that was refused', () => {
  it('is cut off when there is no end of it', async () => {
    server = createServer((request, response) => response.end('refused', () => takeRest(request)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    const chunk = Buffer.alloc(1024 * 1024);
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.write(head(1e12));
    socket.on('connect', more).on('drain', more).resume();
    await closed;
    expect(socket.bytesWritten).toBeGreaterThan(32 * chunk.length);
  });
});
