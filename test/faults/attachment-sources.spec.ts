import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { givenUser, type RestAnswer, type RunningPlatform, SdkDevice, startPlatform, type TestUser } from '@parley/testkit';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expectError } from '../acceptance/envelope.js';

jest.setTimeout(240_000);
const MIB = 1024 * 1024;

/** Where an app kept its attachments before, with its good and its bad days. */
class Source {
  readonly picture = randomBytes(20_000);
  readonly asked: string[] = [];
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));
  url = '';

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    this.asked.push(url);
    if (url === '/moved') response.writeHead(302, { location: `${this.url}/picture` }).end();
    else if (url === '/gone') response.writeHead(404).end('gone');
    else if (url === '/large') response.writeHead(200).end(Buffer.alloc(11 * MIB));
    else if (url === '/broken') response.writeHead(200, { 'content-length': 10_000 }).write(Buffer.alloc(5_000), () => response.destroy());
    else response.writeHead(200).end(this.picture);
  }
}

describe('import with need_download', () => {
  const [listed, other] = [new Source(), new Source()];
  let platform: RunningPlatform;
  let alice: TestUser;
  let bob: TestUser;

  beforeAll(async () => {
    await Promise.all([listed.start(), other.start()]);
    platform = await startPlatform({ mode: 'standalone', env: { PARLEY_API_IMPORT_ORIGINS: `https://files.example, ${listed.url}` } });
    [alice, bob] = [await givenUser(platform, 'alice'), await givenUser(platform, 'bob')];
  }, 120_000);
  afterAll(async () => {
    await platform?.stop();
    await Promise.all([listed.stop(), other.stop()]);
  });

  const importOne = (type: string, body: Record<string, unknown>): Promise<RestAnswer> =>
    platform.rest.call('POST', '/messages/users/import', {
      body: { from: alice.username, target: bob.username, type, body, msg_timestamp: Date.now() - 60_000, need_download: true },
    });

  it('copies the files from where the operator lets it; devices find them in the history, with their secret', async () => {
    expect((await importOne('img', { url: `${listed.url}/picture`, filename: 'ünder "way".png', secret: 'of the other place' })).status).toBe(200);
    expect((await importOne('video', { url: `${listed.url}/film`, thumb: `${listed.url}/frame`, length: 3 })).status).toBe(200);
    expect((await importOne('txt', { msg: 'no file at all' })).status).toBe(200);
    const bobs = await SdkDevice.create(platform);
    await bobs.open({ user: bob.username, pwd: bob.password });
    const { messages } = await bobs.call('getHistoryMessages', { targetId: alice.username, chatType: 'singleChat', pageSize: 10 });
    await bobs.stop();
    const [image, video] = ['img', 'video'].map((type) => messages.find((one: { type: string }) => one.type === type));
    expect(image).toMatchObject({ file_length: listed.picture.length });
    expect((await fetch(image.url)).headers.get('content-disposition')).toContain(encodeURIComponent('ünder _way_.png'));
    for (const url of [image.url, video.url, `${video.thumb}?share-secret=${video.thumb_secret}`] as string[]) {
      expect(url).toContain(platform.endpoints.restUrl);
      const answer = await fetch(url);
      expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(listed.picture)]).toEqual([200, true]);
    }
  });

  it('asks nobody else, whatever the address looks like, and follows nobody', async () => {
    const port = new URL(listed.url).port;
    const elsewhere = [
      `${other.url}/picture`,
      'http://169.254.169.254/latest/meta-data/',
      `http://localhost:${port}/picture`,
      `${listed.url}@${new URL(other.url).host}/picture`,
      listed.url.replace('http://', 'http://user:secret@'),
      listed.url.replace('http://', 'https://'),
      'file:///etc/passwd',
      'picture',
    ];
    for (const url of elsewhere) expectError(await importOne('img', { url }), 400, 'illegal_argument', 'need_download: the server fetches nothing from there, upload the attachment first');
    expect(other.asked).toEqual([]);
    expectError(await importOne('img', { url: `${listed.url}/moved` }), 400, 'illegal_argument', 'need_download: the attachment could not be fetched: HTTP 302');
    expectError(await importOne('video', { url: `${listed.url}/film`, thumb: `${other.url}/frame` }), 400, 'illegal_argument', /fetches nothing from there/);
  });

  it('imports nothing whose file does not come whole, or is too large', async () => {
    expectError(await importOne('file', { url: `${listed.url}/gone` }), 400, 'illegal_argument', 'need_download: the attachment could not be fetched: HTTP 404');
    expectError(await importOne('file', { url: `${listed.url}/broken` }), 400, 'illegal_argument', 'need_download: the attachment could not be fetched: no answer, or it broke off');
    expectError(await importOne('file', { url: `${listed.url}/large` }), 413, 'file exceeding maximum limit', 'the file size exceeds the maximum limit.');
    const token = await platform.rest.userToken(bob.username, bob.password);
    const history = await platform.rest.call('POST', `/users/${bob.username}/messageroaming`, { token, body: { queue: `${alice.username}@easemob.com`, start: -1, msgType: 'file' } });
    expect(history.body.data.msgs).toEqual([]);
    expect((await importOne('file', { url: `${listed.url}/picture` })).status).toBe(200);
  });
});
