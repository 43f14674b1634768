import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { eventStream, eventSubjects, requests } from '@parley/bus';
import { message } from '@parley/contracts';
import { client, restMessageToBody } from '@parley/msync';
import { Backbone, eventually, tenantOf } from '@parley/testkit';
import * as messageService from '../start.js';

const tenant = tenantOf(7);
const users: Record<string, bigint> = { alice: 1n, bob: 2n };
const url = 'https://chat.example/org-7/app-7/chatfiles/0cb1b5b2-c34e-4c61-ac66-6ce935440fbe';

describe('the events of stored messages', () => {
  let backbone: Backbone;
  let nextClientId = 1n;
  /** What consumers of either kind got. */
  const plain: bigint[] = [];
  const withFiles: bigint[] = [];

  beforeAll(async () => {
    backbone = await Backbone.start();
    const { bus } = backbone;
    bus.serve(requests.resolveUsers, async ({ names }) => ({ userIds: names.map(({ username }) => users[username] ?? 0n) }));
    bus.serve(requests.userPolicy, async ({ questions }) => ({
      answers: questions.map(() => ({ blocked: false, contact: false, chatMutedUntilMs: 0n, groupMutedUntilMs: 0n, roomMutedUntilMs: 0n })),
    }));
    await backbone.settings(() => ({}));
    await backbone.service(messageService);
    await bus.consumeEvents(eventSubjects.messagesStored, 'spec-plain', async ({ messages }) => void plain.push(...messages.map(({ id }) => id)));
    await bus.consumeEvents(eventSubjects.messagesWithFilesStored, 'spec-files', async ({ messages }) => void withFiles.push(...messages.map(({ id }) => id)));
  }, 60_000);
  afterAll(() => backbone?.stop(), 30_000);

  const item = (payload: Uint8Array): message.SendItem => ({
    tenant, senderId: 1n, sender: 'alice', senderResource: 'web', clientId: nextClientId++, to: 'bob', toResource: '', ns: 1, payload: Buffer.from(payload),
    ext: [], route: message.Route.ROUTE_UNSPECIFIED, recipientOnly: false, ignoreUnknownRecipient: false, traceparent: '', notInHistory: false,
  });
  const text = () => item(client.textBody({ from: 'alice', to: 'bob', text: 'hello' }));
  const file = () => item(restMessageToBody({ type: 'file', body: { url, filename: 'a.txt' }, from: 'alice', to: 'bob' }));
  const send = async (...items: message.SendItem[]) => (await backbone.bus.request(requests.send, { items })).results.map(({ serverId }) => serverId);

  const loseEvents = async () => (await jetstreamManager(backbone.bus.connection)).streams.purge(eventStream.name);

  it('come apart: of messages that name files, and of the others, each in the order of the conversation', async () => {
    const [a, b, c, d] = await send(text(), file(), text(), file());
    await eventually(() => plain.length >= 2 && withFiles.length >= 2, { what: 'the events' });
    expect({ plain, withFiles }).toEqual({ plain: [a, c], withFiles: [b, d] });
  });

  it('come again from the store, of both kinds, when NATS has lost them', async () => {
    const before = [...plain, ...withFiles];
    await loseEvents();
    plain.length = withFiles.length = 0;
    await backbone.service(messageService);
    await eventually(() => plain.length + withFiles.length >= before.length, { what: 'the events again' });
    expect(new Set([...plain, ...withFiles])).toEqual(new Set(before));
    expect([plain.length, withFiles.length]).toEqual([2, 2]);
  });

  it('come again only from where those end that NATS still has, whichever kind the last is', async () => {
    const pool = backbone.database.pool('message');
    // Of long ago, so that they are not of the last seconds, which are always told again.
    await pool.query('UPDATE message SET id = id - (600000::bigint << 22)');
    await pool.query('UPDATE conversation SET last_id = last_id - (600000::bigint << 22)');
    await loseEvents();
    const [last] = await send(file());
    await eventually(() => withFiles.includes(last!), { what: 'the last event' });
    plain.length = withFiles.length = 0;
    await backbone.service(messageService);
    await eventually(() => withFiles.includes(last!), { what: 'the last event again' });
    expect({ plain, withFiles }).toEqual({ plain: [], withFiles: [last] });
  });
});
