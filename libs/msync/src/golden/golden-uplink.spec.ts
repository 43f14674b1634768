import { describe, expect, it } from '@jest/globals';
import {
  BodyType,
  Command,
  ContentType,
  decodeEnvelope,
  decodeKeyValues,
  decodeLogout,
  decodeProvision,
  decodeSyncUplink,
  forceSender,
  inspectMessageBody,
  NameSpace,
  OsType,
  RouteType,
  schema,
} from '../index.js';
import { frame, recordings } from './golden-frames.fixture.js';

const { fromBinary, MSyncSchema, CommSyncULSchema, MessageBodySchema, toBinary, KeyValueSchema } = schema;

describe.each(recordings)('frames that %s sends', (_name, golden) => {
  const sent = (name: string) => {
    const { meta } = decodeSyncUplink(decodeEnvelope(frame(golden.uplink, name)).payload);
    if (!meta) throw new Error('not a send');
    const body = inspectMessageBody(meta.payload);
    return { meta, body, full: fromBinary(MessageBodySchema, meta.payload) };
  };

  it('present the user, the tenant, the device and the token at login', () => {
    const envelope = decodeEnvelope(frame(golden.uplink, 'provision'));
    expect(envelope).toMatchObject({
      command: Command.PROVISION,
      auth: '$t$YWMtgolden-token',
      guid: { appKey: 'demo#chat', name: 'alice', domain: 'easemob.com', clientResource: 'webim_web_golden' },
    });
    expect(decodeProvision(envelope.payload)).toMatchObject({
      osType: OsType.OS_OTHER,
      version: golden.version,
      resource: 'webim_web_golden',
      deviceName: 'webim_web_golden',
      authToken: '{"token":"$t$YWMtgolden-token"}',
      reason: '',
      password: '',
    });
  });

  it('ask for unread queues without a payload', () => {
    const envelope = decodeEnvelope(frame(golden.uplink, 'unread'));
    expect(envelope.command).toBe(Command.UNREAD);
    expect(envelope.payload).toHaveLength(0);
  });

  it('name the queue of a sync, and the key when they acknowledge', () => {
    const queue = { name: 'bob' };
    const first = decodeSyncUplink(decodeEnvelope(frame(golden.uplink, 'sync')).payload);
    expect(first).toMatchObject({ queue, key: undefined, meta: undefined });
    const acknowledging = decodeSyncUplink(decodeEnvelope(frame(golden.uplink, 'sync-with-key')).payload);
    expect(acknowledging).toMatchObject({ queue, key: 1001000000000000024n });
  });

  it.each([
    ['text', ContentType.TEXT, RouteType.ROUTE_ALL],
    ['custom', ContentType.CUSTOM, RouteType.ROUTE_ALL],
    ['location', ContentType.LOCATION, RouteType.ROUTE_ALL],
    ['command', ContentType.COMMAND, RouteType.ROUTE_ONLINE],
  ])('send a %s message', (name, contentType, routetype) => {
    const { meta, body } = sent(name);
    expect(meta).toMatchObject({ ns: NameSpace.CHAT, routetype, to: { name: 'bob', domain: 'easemob.com' }, ext: [] });
    expect(meta.id > 0n).toBe(true);
    expect(body).toMatchObject({ type: BodyType.CHAT, fromName: 'alice', toName: 'bob', contentType, contentCount: 1 });
  });

  it.each([
    ['read-ack', BodyType.READ_ACK, 9007199254740995n],
    ['delivery-ack', BodyType.DELIVER_ACK, 9007199254740996n],
    ['conversation-ack', BodyType.CHANNEL_ACK, undefined],
    ['recall', BodyType.RECALL, 9007199254740995n],
  ])('send a %s that refers to its message', (name, type, ackMessageId) => {
    expect(sent(name).body).toMatchObject({ type, ackMessageId });
  });

  it('direct a group message to some members', () => {
    expect(sent('text-directed').meta).toMatchObject({
      routetype: RouteType.ROUTE_DIRECT,
      directedUsers: ['bob', 'carol'],
      to: { name: '228000000001', domain: 'conference.easemob.com' },
    });
  });

  it('put the priority of a room message on the outside', () => {
    expect(decodeKeyValues(sent('text-room').meta.ext)).toEqual({ chatroom_msg_tag: 0 });
  });

  it('carry attributes of every type', () => {
    const { full } = sent('text-ext');
    expect(decodeKeyValues(full.ext.map((entry) => toBinary(KeyValueSchema, entry)))).toEqual({
      text: 'plain',
      empty: '',
      unicode: '数据 🎉',
      yes: true,
      no: false,
      zero: 0,
      int: 42,
      negative: -7,
      large: 1700000000000,
      fraction: 1.25,
      object: { a: [1, 'two', null], b: { c: true } },
      list: [1, 2, 3],
      nothing: null,
    });
  });

  it('pass through the sender check without being copied', () => {
    let messages = 0;
    for (const { name } of golden.uplink) {
      const { command, payload } = decodeEnvelope(frame(golden.uplink, name));
      const meta = command === Command.SYNC ? decodeSyncUplink(payload).meta : undefined;
      if (meta?.ns !== NameSpace.CHAT) continue;
      messages++;
      expect(forceSender(meta.payload, { name: 'alice' }, { name: meta.to!.name })).toBe(meta.payload);
    }
    expect(messages).toBeGreaterThan(15);
  });

  it('look the same to the schema codec', () => {
    for (const { name } of golden.uplink) {
      const bytes = frame(golden.uplink, name);
      const byHand = decodeEnvelope(bytes);
      const bySchema = fromBinary(MSyncSchema, bytes);
      expect(byHand.command).toBe(bySchema.command);
      expect(Buffer.compare(byHand.payload, bySchema.payload)).toBe(0);
      if (byHand.command !== Command.SYNC) continue;
      const uplink = decodeSyncUplink(byHand.payload);
      const full = fromBinary(CommSyncULSchema, bySchema.payload);
      expect(uplink.meta?.id).toBe(full.meta?.id);
      expect(uplink.meta?.ns).toBe(full.meta?.ns);
      expect(uplink.key ?? 0n).toBe(full.key);
      expect(uplink.queue?.name).toBe(full.queue?.name);
      expect(uplink.meta?.directedUsers).toEqual(full.meta?.directedUsers);
    }
  });

  // agora-chat closes the socket without a word.
  const farewells = golden.uplink.filter(({ name }) => name === 'logout');
  it(`say goodbye ${farewells.length} times`, () => {
    expect(farewells).toHaveLength(golden.sdk === 'easemob-websdk' ? 1 : 0);
    if (farewells.length === 0) return;
    const envelope = decodeEnvelope(frame(farewells, 'logout'));
    expect(envelope.command).toBe(Command.LOGOUT);
    expect(decodeLogout(envelope.payload).reason).toBe('inner:logout');
  });
});
