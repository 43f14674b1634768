import { BodyType, client, type Jid, NameSpace, RouteType, schema } from '@parley/msync';

/** What every command may refer to. */
export interface Target {
  readonly appKey: string;
  readonly name: string;
  readonly messageId: bigint;
}

export interface Sent {
  readonly name: string;
  readonly ns: number;
  readonly payload: Uint8Array;
  readonly routetype?: number;
}

/** A meta of every kind that the protocol has, each about the target: whatever the gateway learns to do, is tried. */
export function metasAbout(from: string, { name, messageId, appKey }: Target): Sent[] {
  const jid = schema.create(schema.JIDSchema, { appKey, name, domain: 'easemob.com', clientResource: '' });
  const chat = (type: number) =>
    schema.toBinary(
      schema.MessageBodySchema,
      schema.create(schema.MessageBodySchema, {
        type,
        from: { name: from },
        to: jid,
        contents: [{ type: 0, text: 'x' }],
        ackMessageId: messageId,
        editMessageId: messageId,
        ackContent: JSON.stringify({ groupId: name }),
      }),
    );
  const roster = (operation: number) =>
    schema.toBinary(schema.RosterBodySchema, schema.create(schema.RosterBodySchema, { operation, to: [jid], reason: 'x' }));
  const muc = (operation: number, isChatroom: boolean) =>
    schema.toBinary(schema.MUCBodySchema, schema.create(schema.MUCBodySchema, { operation, mucId: jid, to: [jid], isChatroom, reason: 'x' }));
  const numbers = (some: object) => Object.values(some).filter((one): one is number => typeof one === 'number');
  const text = client.textBody({ from, to: name, text: 'x' });
  return [
    ...Object.entries(BodyType).map(([type, number]) => ({ name: `CHAT ${type}`, ns: NameSpace.CHAT, payload: chat(number) })),
    ...numbers(schema.RosterBody_Operation).map((one) => ({ name: `ROSTER ${schema.RosterBody_Operation[one]}`, ns: NameSpace.ROSTER, payload: roster(one) })),
    ...numbers(schema.MUCBody_Operation).flatMap((one) =>
      [false, true].map((room) => ({ name: `${room ? 'room' : 'group'} ${schema.MUCBody_Operation[one]}`, ns: NameSpace.MUC, payload: muc(one, room) })),
    ),
    ...[NameSpace.CONFERENCE, NameSpace.NOTIFY, NameSpace.QUERY].map((ns) => ({ name: `name space ${ns}`, ns, payload: text })),
    ...Object.entries(RouteType).map(([route, routetype]) => ({ name: route, ns: NameSpace.CHAT, payload: text, routetype })),
  ];
}

export function jidOf({ appKey, name }: Pick<Target, 'appKey' | 'name'>): Jid {
  return { appKey, name, domain: 'easemob.com', clientResource: '' };
}
