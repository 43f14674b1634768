import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expectEnvelope, expectError } from './envelope.js';
import { stage } from './stage.js';

const on = stage();
const { rest } = on.platform;
const MIB = 1024 * 1024;

async function upload(token: string | null, content: Uint8Array, headers: Record<string, string> = {}, field = 'file') {
  const form = new FormData();
  form.append(field, new Blob([new Uint8Array(content)]), 'a.bin');
  const answer = await fetch(`${rest.base}/chatfiles`, { method: 'POST', body: form, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers } });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
}
const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = await fetch(`${rest.base}${path}`, { method, headers });
  return { status: answer.status, headers: answer.headers, content: Buffer.from(await answer.arrayBuffer()) };
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('POST /chatfiles', () => {
  it('takes a file from a server and from any user, and gives it to who may have it', async () => {
    const [alice, bob] = [await on.user('alice'), await on.user('bob')];
    const app = await rest.appToken();
    const [alices, bobs] = await Promise.all([alice, bob].map(({ username, password }) => rest.userToken(username, password)));
    // Bytes at random may begin like a sound or a picture.
    const content = Buffer.concat([Buffer.from('of no type'), randomBytes(300_000)]);

    const open = await upload(alices!, content);
    expectEnvelope(on.platform, open, 'post', '/chatfiles', {
      entities: [{ uuid: expect.any(String), type: 'chatfile', 'file-metadata': { 'content-length': content.length, 'content-type': 'application/octet-stream' } }],
    });
    expect(open.body.uri).toBe(`${rest.base}/chatfiles`);
    const { uuid } = open.body.entities[0];
    expect((await get(`/chatfiles/${uuid}`, bearer(bobs!))).content.equals(content)).toBe(true);
    expect((await get(`/chatfiles/${uuid}`)).status).toBe(401);
    expect(await get(`/chatfiles/${uuid}`, { ...bearer(bobs!), range: 'bytes=1-3' })).toMatchObject({ status: 206, content: content.subarray(1, 4) });
    const head = await get(`/chatfiles/${uuid}`, bearer(bobs!), 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.content.length]).toEqual([200, String(content.length), 0]);

    const restricted = (await upload(app, content, { 'restrict-access': 'true' })).body.entities[0];
    const path = `/chatfiles/${restricted.uuid}`;
    const secret = restricted['share-secret'];
    expect((await get(`${path}?em-redirect=true&share-secret=${secret}`)).status).toBe(200);
    expect((await get(path, { 'share-secret': secret })).status).toBe(200);
    // As SDKs put it together for a path that has a query already.
    expect((await get(`${path}?vframe=false?em-redirect=true&share-secret=${secret}`)).status).toBe(200);
    expect((await get(path, { ...bearer('expired.or.broken'), 'share-secret': secret })).status).toBe(200);
    expect((await get(path, bearer(bobs!))).status).toBe(403);
    expect((await get(path, bearer(app))).status).toBe(200);
  });

  it('refuses with the errors of the platform, which a client gets to read', async () => {
    const app = await rest.appToken();
    expectError(await upload(null, randomBytes(10)), 401, 'unauthorized', /Unable to authenticate/);
    expectError(await upload(null, randomBytes(3 * MIB)), 401, 'unauthorized', /Unable to authenticate/);
    expectError(await upload(app, randomBytes(10), {}, 'other'), 400, 'illegal_argument', 'file must be provided.');
    expectError(await upload(app, randomBytes(11 * MIB)), 413, 'file exceeding maximum limit', 'the file size exceeds the maximum limit.');
    expectError(await rest.call('POST', '/chatfiles', { body: { file: 'text' } }), 400, 'illegal_argument', 'file must be provided.');
    expect((await get('/chatfiles/00000000-0000-4000-8000-000000000000', bearer(app), 'HEAD')).status).toBe(404);
    expectError(await rest.call('GET', '/chatfiles/00000000-0000-4000-8000-000000000000'), 404, 'entity_not_found', 'file may not exists');
    const form = new FormData();
    form.append('a', 'b');
    const elsewhere = await fetch(`${rest.base}/users`, { method: 'POST', body: form, headers: bearer(app) });
    expect(elsewhere.status).toBe(415);
  });

  it('takes the next file as ever after a body that was no form', async () => {
    for (let i = 0; i < 3; i++) {
      expectError(await rest.call('POST', '/chatfiles', { body: { file: 'x'.repeat(100) } }), 400, 'illegal_argument', 'file must be provided.');
      const taken = await Promise.all([1, 2, 3].map(async () => upload(await rest.appToken(), randomBytes(1_000))));
      expect(taken.map(({ status }) => status)).toEqual([200, 200, 200]);
    }
  });

  it('leaves nothing of an upload whose client goes away', async () => {
    const app = await rest.appToken();
    const { port, pathname } = new URL(rest.base);
    const head = `POST ${pathname}/chatfiles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${app}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n`;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`${head}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(200_000)}`, () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await upload(app, randomBytes(10))).status).toBe(200);
  });

  it('is open to browsers of any origin', async () => {
    const answer = await fetch(`${rest.base}/chatfiles`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,restrict-access,thumbnail-width' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    for (const name of ['restrict-access', 'thumbnail-width', 'share-secret']) expect(answer.headers.get('access-control-allow-headers')).toContain(name);
  });
});

describe('a file in parts', () => {
  it('belongs to who began it', async () => {
    const [alice, eve] = [await on.user('alice'), await on.user('eve')];
    const [alices, eves] = await Promise.all([alice, eve].map(({ username, password }) => rest.userToken(username, password)));
    const begun = await rest.call('POST', '/sdk/chatfiles/part-upload', { token: alices! });
    expect(begun.body.entities[0]).toMatchObject({ uuid: expect.any(String), file_upper_limit: 10 * MIB, part_lower_limit: 5 * MIB });
    const path = `/sdk/chatfiles/part-upload/${begun.body.entities[0].uuid}`;
    const put = (token: string) => {
      const form = new FormData();
      form.append('part_number', '1');
      form.append('part_file', new Blob(['hello']));
      return fetch(`${rest.base}${path}`, { method: 'PUT', body: form, headers: bearer(token) });
    };
    expect((await put(eves!)).status).toBe(404);
    expect((await put(alices!)).status).toBe(200);
    expectError(await rest.call('POST', `${path}?restrict-access=true`, { token: eves! }), 404, 'entity_not_found', 'part upload may not exists');
    const whole = await rest.call('POST', `${path}?restrict-access=true&chat-type=CHAT&chat-target=bob`, { token: alices! });
    expect(whole.body.uri).toBe(`${rest.base}/chatfiles`);
    const { uuid, 'share-secret': secret } = whole.body.entities[0];
    expect((await get(`/chatfiles/${uuid}?share-secret=${secret}`)).content.toString()).toBe('hello');
    const other = (await rest.call('POST', '/sdk/chatfiles/part-upload', { token: alices! })).body.entities[0].uuid;
    expect((await rest.call('DELETE', `/sdk/chatfiles/part-upload/${other}`, { token: alices! })).status).toBe(200);
  });
});

describe('PUT /users/{user}/chatfiles/lifetime', () => {
  it.each(['PUT', 'POST'])('sets how long files live (%s)', async (method) => {
    const { uuid } = (await upload(await rest.appToken(), randomBytes(10))).body.entities[0];
    const unknown = '00000000-0000-4000-8000-000000000000';
    const answer = await rest.call(method, '/users/admin/chatfiles/lifetime', { body: { lifetime: 'forever', chatfile_ids: [uuid, unknown] } });
    expect(answer).toMatchObject({ status: 200, body: { data: { [uuid]: 'success', [unknown]: 'failed' } } });
    expect((await rest.call(method, '/users/admin/chatfiles/lifetime', { body: { lifetime: 'long', chatfile_ids: [uuid] } })).status).toBe(400);
    const many = Array.from({ length: 101 }, () => unknown);
    expect((await rest.call(method, '/users/admin/chatfiles/lifetime', { body: { lifetime: 'default', chatfile_ids: many } })).status).toBe(400);
  });
});
