import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { givenApp, type Platform } from '@parley/testkit';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { stage } from './stage.js';

const on = stage();
const MIB = 1024 * 1024;
const BOUNDARY = 'a-boundary';
const UNKNOWN_FILE = '/chatfiles/00000000-0000-4000-8000-000000000000';

let app: Platform;
let token: string;
beforeAll(async () => {
  app = await givenApp(on.platform);
  token = await app.rest.appToken();
});
const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

const form = (part: string, bytes: number) =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${part}"; filename="a.bin"\r\n\r\n`),
    Buffer.alloc(bytes, 'x'),
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
const tooLarge = form('file', 11 * MIB);

interface Upload {
  method?: string;
  path?: string;
  authorization?: string;
  headers?: string[];
  body: Buffer;
}

function head({ method = 'POST', path = '/chatfiles', authorization = `Bearer ${token}`, headers = [] }: Omit<Upload, 'body'>): string {
  const { host, pathname } = new URL(app.rest.base);
  return [`${method} ${pathname}${path} HTTP/1.1`, `Host: ${host}`, `Authorization: ${authorization}`, ...headers, '', ''].join('\r\n');
}

function chunked(body: Buffer, bytesEach: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += bytesEach) {
    const chunk = body.subarray(at, at + bytesEach);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}

/** What a client gets that reads nothing before it has sent all of its upload, and then asks for something else on the same connection. */
async function sendThenRead({ body, headers = [`Content-Length: ${body.length}`], ...upload }: Upload): Promise<string[]> {
  const { hostname, port } = new URL(app.rest.base);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  // Whoever writes or reads at that moment is told as well.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const sent = (bytes: string | Buffer) => new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  await sent(head({ ...upload, headers: [`Content-Type: multipart/form-data; boundary=${BOUNDARY}`, ...headers] }));
  await sent(body);
  if (!headers.includes('Connection: close')) await sent(head({ method: 'GET', path: UNKNOWN_FILE, headers: ['Connection: close'] }));
  let text = '';
  for await (const part of socket) text += part;
  return text.match(/(?<=HTTP\/1\.1 )\d{3}|(?<="error":")[^"]*/g) ?? [];
}
const then = ['404', 'entity_not_found'];

describe('an upload that is refused while it comes', () => {
  it.each<[string, () => Upload | Promise<Upload>, string[]]>([
    ['is too large by what it declares', () => ({ body: tooLarge }), ['413', 'file exceeding maximum limit']],
    ['becomes too large, of undeclared length', () => ({ body: chunked(tooLarge, 64 * 1024), headers: ['Transfer-Encoding: chunked'] }), ['413', 'file exceeding maximum limit']],
    ['is a part that is too large', async () => ({ method: 'PUT', path: await partUpload(), body: form('part_file', 11 * MIB) }), ['413', 'file exceeding maximum limit']],
    ['is a part of nothing', () => ({ method: 'PUT', path: '/sdk/chatfiles/part-upload/none', body: form('part_file', 11 * MIB) }), ['404', 'entity_not_found']],
    ['has another file in it', () => ({ body: form('other', 9 * MIB) }), ['400', 'illegal_argument']],
    ['comes without a token that counts', () => ({ authorization: 'Bearer none', body: tooLarge }), ['401', 'auth_bad_access_token']],
    ['goes where no form is taken', () => ({ path: '/users', body: tooLarge }), ['415', 'web_application']],
  ])('and %s: its client reads why afterwards, and goes on', async (_, upload, why) => {
    expect(await sendThenRead(await upload())).toEqual([...why, ...then]);
  });

  it('lets a client read why that wants the connection closed', async () => {
    expect(await sendThenRead({ body: tooLarge, headers: ['Connection: close', `Content-Length: ${tooLarge.length}`] })).toEqual(['413', 'file exceeding maximum limit']);
  });

  it('and is no form at all: others are not disturbed', async () => {
    const answers: number[] = [];
    for (let i = 0; i < 10; i++) {
      for (const [method, path] of [['POST', '/chatfiles'], ['GET', UNKNOWN_FILE]] as const) {
        answers.push((await app.rest.call(method, path, method === 'POST' ? { body: { file: 'text' } } : {})).status);
      }
    }
    expect(answers).toEqual(Array.from({ length: 10 }, () => [400, 404]).flat());
  });

  it('is refused the same way when many come at once, and nothing of them stays', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => sendThenRead({ body: tooLarge })));
    for (const answer of answers) expect(answer).toEqual(['413', 'file exceeding maximum limit', ...then]);
    const day = new Date().toISOString().slice(0, 10);
    const usage = await app.rest.call('GET', `/usage?from=${day}&to=${day}`);
    expect(usage.body.data.attachments).toEqual({ files: 0, bytes: 0 });
    const good = await sendThenRead({ body: form('file', 9 * MIB) });
    expect(good).toEqual(['200', ...then]);
  });
});

async function partUpload(): Promise<string> {
  const { body } = await app.rest.call('POST', '/sdk/chatfiles/part-upload');
  return `/sdk/chatfiles/part-upload/${body.entities[0].uuid}`;
}
