import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platformUnderTest } from '@parley/testkit';
import type { Browser, FrameLocator, Page, WebSocketRoute } from 'playwright-core';
import { launchBrowser } from './browser.js';

const RESULTS = fileURLToPath(new URL('../../test-results', import.meta.url));
const { endpoints } = platformUnderTest();
const sockets: WebSocketRoute[] = [];
const complaints: string[] = [];
let browser: Browser;
let page: Page;
let alice: FrameLocator;
let bob: FrameLocator;

beforeAll(async () => {
  mkdirSync(RESULTS, { recursive: true });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // The page's own traffic, passed through, so that a test can cut it.
  await page.routeWebSocket(endpoints.gatewayUrl, (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  await page.goto(endpoints.demoUrl);
  alice = page.frameLocator('iframe[title="Chat as alice"]');
  bob = page.frameLocator('iframe[title="Chat as bob"]');
});
afterAll(() => browser?.close());

const message = (pane: FrameLocator, text: string) => pane.locator('.message', { hasText: text });
const progressOf = (pane: FrameLocator, text: string) => message(pane, text).getByRole('img');

/** Runs in the page: what the ticks of the first message showed before they showed what they show now. */
const recordProgress = new Function(
  'list',
  `const shown = [];
   new MutationObserver((changes) => {
     for (const { target, oldValue } of changes) if (target === list.firstElementChild) shown.push(oldValue);
   }).observe(list, { subtree: true, attributeFilter: ['data-progress'], attributeOldValue: true });
   return shown;`,
) as (list: unknown) => string[];

async function say(pane: FrameLocator, text: string): Promise<void> {
  await pane.getByLabel('Message', { exact: true }).fill(text);
  await pane.getByRole('button', { name: 'Send' }).click();
}

describe('the demo page', () => {
  it('tells a user with a wrong password so, and lets him try again', async () => {
    await alice.getByRole('button', { name: 'Sign in' }).click({ trial: true });
    const right = await alice.getByLabel('Password').inputValue();
    await alice.getByLabel('Password').fill('wrong');
    await alice.getByRole('button', { name: 'Sign in' }).click();
    await alice.getByText('User or password is wrong.').waitFor();
    await alice.getByLabel('Password').fill(right);
    await alice.getByRole('button', { name: 'Sign in' }).click();
    await alice.getByText('Online', { exact: true }).waitFor();
    // The browser itself reports the refused request.
    complaints.length = 0;
  });

  it('shows a message as sent until the other one comes, then as delivered and read', async () => {
    const shown = await alice.locator('#messages').evaluateHandle(recordProgress);
    await say(alice, 'Are you there?');
    await progressOf(alice, 'Are you there?').and(alice.getByLabel('Sent')).waitFor();
    await bob.getByRole('button', { name: 'Sign in' }).click();
    await message(bob, 'Are you there?').waitFor();
    await progressOf(alice, 'Are you there?').and(alice.getByLabel('Read')).waitFor();
    expect(await shown.jsonValue()).toEqual(['sending', 'sent', 'delivered']);
  });

  it('shows who is typing, until the message comes', async () => {
    await bob.getByLabel('Message', { exact: true }).pressSequentially('Just arr', { delay: 15 });
    await alice.getByText('bob is typing').waitFor();
    await say(bob, 'Just arrived.');
    await message(alice, 'Just arrived.').waitFor();
    await alice.getByText('bob is typing').waitFor({ state: 'hidden' });
    await progressOf(bob, 'Just arrived.').and(bob.getByLabel('Read')).waitFor();
  });

  it('reconnects after the line was cut, and shows what was missed once', async () => {
    const [ofAlice] = sockets;
    await ofAlice!.close({ code: 1012, reason: 'cut' });
    await alice.getByText('Reconnecting').waitFor();
    await say(bob, 'Can you hear me?');
    await alice.getByText('Online', { exact: true }).waitFor();
    await message(alice, 'Can you hear me?').waitFor();
    await say(alice, 'Loud and clear. The line was gone for a moment.');
    await progressOf(alice, 'Loud and clear').and(alice.getByLabel('Read')).waitFor();
    expect(await message(alice, 'Can you hear me?').count()).toBe(1);
    await page.screenshot({ path: `${RESULTS}/demo.png` });
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.screenshot({ path: `${RESULTS}/demo-phone.png`, fullPage: true });
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('signs out and in again', async () => {
    await bob.getByRole('button', { name: 'Sign out' }).click();
    await bob.getByText('Signed out').waitFor();
    await bob.getByRole('button', { name: 'Sign in' }).click();
    await bob.getByText('Online', { exact: true }).waitFor();
  });

  it('broke no rule of its own security policy, and threw nothing', () => {
    expect(complaints).toEqual([]);
  });
});
