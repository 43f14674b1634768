import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, operatorUnderTest, platformUnderTest, TEST_CONSOLE } from '@parley/testkit';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.js';

const { restUrl } = platformUnderTest().endpoints;
const verifier = 'v'.repeat(64);
const complaints: string[] = [];
let browser: Browser;
let page: Page;
let stranger: Server;
const cameBack: URL[] = [];

const pageUrl = () => {
  const asked = {
    response_type: 'code',
    client_id: 'test-console',
    redirect_uri: TEST_CONSOLE,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'where I was',
  };
  return `${restUrl}/oauth/authorize?${new URLSearchParams(asked)}`;
};

beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // The client's own page, where the browser comes back to.
  await page.route(`${TEST_CONSOLE}*`, (route) => {
    cameBack.push(new URL(route.request().url()));
    return route.fulfill({ contentType: 'text/html', body: '<title>Console</title>signed in' });
  });
});
afterAll(async () => {
  await browser?.close();
  stranger?.close();
});

async function signIn(password: string): Promise<void> {
  const { org, login } = operatorUnderTest();
  await page.getByLabel('Organisation').fill(org);
  await page.getByLabel('Name', { exact: true }).fill(login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe('the sign-in page in a browser', () => {
  it('fits a phone, loads nothing, and breaks no rule of its own policy', async () => {
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.goto(pageUrl());
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).width")).not.toBe('390px');
    expect(loaded.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([pageUrl()]);
    expect(complaints).toEqual([]);
  });

  it('says that the password is wrong, and keeps the rest', async () => {
    await signIn('wrong');
    await page.getByRole('alert').getByText('Organisation, name or password is wrong').waitFor();
    expect(await page.getByLabel('Organisation').inputValue()).toBe('-');
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    // The browser itself reports the refused request.
    complaints.length = 0;
  });

  it('goes back to the client with a code that is worth tokens', async () => {
    await signIn(operatorUnderTest().password);
    await page.waitForURL(`${TEST_CONSOLE}*`);
    const [back] = cameBack;
    expect(Object.fromEntries(back!.searchParams)).toEqual({ code: expect.any(String), state: 'where I was', iss: restUrl });
    const fields = { grant_type: 'authorization_code', code: back!.searchParams.get('code')!, code_verifier: verifier, client_id: 'test-console', redirect_uri: TEST_CONSOLE };
    const tokens = await fetch(`${restUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(fields) });
    expect(tokens.status).toBe(200);
    expect(complaints).toEqual([]);
  });

  it('cannot be framed, nor be sent from the page of a stranger', async () => {
    const { org, login, password } = operatorUnderTest();
    const fields = Object.entries({ ...Object.fromEntries(new URL(pageUrl()).searchParams), org, login, password });
    const form = fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
    stranger = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(request.url === '/frame' ? `<iframe src="${pageUrl().replaceAll('&', '&amp;')}"></iframe>` : `<form method="post" action="${restUrl}/oauth/authorize">${form}<button>Go</button></form>`);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    // Another site than 127.0.0.1: a site is told by its host.
    await page.goto(`http://localhost:${port}/frame`);
    await eventually(() => complaints.some((text) => text.includes('frame-ancestors')), { what: 'the refusal of the frame' });
    expect(await page.frames().at(-1)!.getByRole('button').count()).toBe(0);
    cameBack.length = 0;
    await page.goto(`http://localhost:${port}/form`);
    await page.getByRole('button').click();
    await page.getByRole('alert').waitFor();
    expect(cameBack).toEqual([]);
  });
});
