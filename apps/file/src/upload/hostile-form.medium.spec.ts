import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FileServiceUnderTest } from '../testing.fixture.js';

jest.setTimeout(60_000);
const the = new FileServiceUnderTest();
beforeAll(() => the.start());
afterAll(() => the.stop());
beforeEach(() => the.nextApp());

const head = (more: string[]) => ['POST /files HTTP/1.1', 'Host: x', `X-Parley-Tenant: ${JSON.stringify(the.tenant)}`, ...more, '', ''].join('\r\n');
const part = (boundary: string, content: string) => `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${content}`;

describe('a hostile form', () => {
  const plain = ['Content-Type: multipart/form-data; boundary=b'];
  it.each([
    ['without a boundary', ['Content-Type: multipart/form-data', 'Content-Length: 1'], 'x', 'file_missing'],
    ['of another type', ['Content-Type: text/plain', 'Content-Length: 1'], 'x', 'file_missing'],
    ['without a file', plain, '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n', 'file_missing'],
    ['with another file', plain, '--b\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\ny\r\n--b--\r\n', 'file_missing'],
    ['with two files', plain, `${part('b', 'x')}\r\n${part('b', 'y')}\r\n--b--\r\n`, 'file_upload_malformed'],
    ['with a thousand fields', plain, `${Array.from({ length: 1_000 }, (_, i) => `--b\r\nContent-Disposition: form-data; name="f${i}"\r\n\r\nv\r\n`).join('')}--b--\r\n`, 'file_upload_malformed'],
    ['with a long field', plain, `--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n${'x'.repeat(10_000)}\r\n--b--\r\n`, 'file_upload_malformed'],
    ['that never ends', plain, part('b', 'half'), 'file_upload_malformed'],
  ])('%s is refused and leaves nothing', async (_, headers, body, code) => {
    const length = headers.some((one) => one.startsWith('Content-Length')) ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const answer = await the.raw(head([...headers, ...length, 'Connection: close']) + body);
    expect(answer).toContain(`"code":"${code}"`);
    await the.leavesNothing();
    expect(await the.usage()).toEqual({ files: 0, bytes: 0 });
  });

  it('with huge headers in a part takes no memory and leaves nothing', async () => {
    const body = `--b\r\n${'X-Long: y'.padEnd(2_000_000, 'y')}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n`;
    await the.raw(head([...plain, `Content-Length: ${body.length}`, 'Connection: close']) + body);
    await the.leavesNothing();
  });

  it('that stops in the middle and is cut off leaves nothing', async () => {
    await the.raw(head([...plain, 'Content-Length: 1000000']) + part('b', 'x'.repeat(300_000)), 300);
    await the.leavesNothing();
  });
});
