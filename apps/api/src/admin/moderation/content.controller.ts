import { Controller, Inject } from '@nestjs/common';
import { mutes as mute } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername, idToMilliseconds } from '@parley/kernel';
import { messageObject } from '@parley/msync';
import { ACCOUNT_CLIENT, type AccountClient, MUTE_CLIENT, type MuteClient, USER_CLIENT, type UserClient } from '../../clients.js';
import { HISTORY_CLIENT, type HistoryClient } from '../../history/history.clients.js';
import { messageId } from '../../history/query-values.js';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { userEntity } from '../../user/user.entity.js';
import { type AdminCall, appOf, TheAdminCall } from '../access/admin-call.js';
import { listOf, page } from '../admin.schemas.js';
import { toPage } from '../admin.views.js';
import { ModerationActs } from './moderation.acts.js';
import { conversation, foundMessage, message, person, user } from './moderation.schemas.js';

const BASE = { root: true, bare: true, access: [], admin: 'app.content' } as const;
const APP = '/admin/v1/orgs/:org/apps/:app';
const STATES = ['stored', 'recalled', 'removed', 'expired'] as const;

/** Users and messages of an app, as its administrators read them. That somebody read what users wrote stands in the audit log. */
@Controller()
export class ContentController {
  constructor(
    @Inject(USER_CLIENT) private readonly users: UserClient,
    @Inject(ACCOUNT_CLIENT) private readonly accounts: AccountClient,
    @Inject(MUTE_CLIENT) private readonly mutes: MuteClient,
    @Inject(HISTORY_CLIENT) private readonly history: HistoryClient,
    private readonly acts: ModerationActs,
  ) {}

  @Operation('GET', `${APP}/users`, { ...BASE, summary: 'Users of the app, oldest first', query: page, answer: listOf(user), errors: ['illegal_argument'] })
  async list(@TheAdminCall() call: AdminCall) {
    const { limit, cursor } = parse(page, call.query);
    const found = await this.users.listUsers({ tenant: appOf(call), limit, cursor });
    return toPage(found.users.map(userEntity), found.nextCursor);
  }

  @Operation('GET', `${APP}/users/:username`, { ...BASE, summary: 'A user with his devices and mutes', answer: person, errors: ['user_not_found'] })
  async get(@TheAdminCall() call: AdminCall) {
    const asked = { tenant: appOf(call), username: usernameOf(call) };
    // First, alone: of a user who is not there each of the others says so in the words of its own calls.
    const found = await this.users.getUser(asked);
    const [{ devices }, { mutes }, { statuses }] = await Promise.all([
      this.accounts.listDevices(asked),
      this.mutes.getMutes(asked),
      this.users.getOnlineStatus({ tenant: asked.tenant, usernames: [asked.username] }),
    ]);
    const left = (kind: mute.MuteKind) => mutes.find((one) => one.kind === kind)?.seconds ?? 0;
    return {
      ...userEntity(found),
      online: statuses[0]?.online ?? false,
      devices: devices.map(({ resource, deviceName }) => ({ resource, device_name: deviceName })),
      mutes: { chat: left(mute.MuteKind.MUTE_KIND_CHAT), groupchat: left(mute.MuteKind.MUTE_KIND_GROUP), chatroom: left(mute.MuteKind.MUTE_KIND_ROOM) },
    };
  }

  @Operation('GET', `${APP}/users/:username/messages`, {
    ...BASE,
    summary: 'The conversation of a user with another, as he sees it, newest first',
    query: conversation,
    answer: listOf(message),
    errors: ['user_not_found', 'history_disabled', 'illegal_argument'],
  })
  async messages(@TheAdminCall() call: AdminCall) {
    const { peer, limit, cursor } = parse(conversation, call.query);
    const username = usernameOf(call);
    const asked = {
      tenant: appOf(call),
      username,
      conversation: { peer: foldUsername(peer), group: false },
      cursor: messageId(cursor) ?? 0n,
      forward: false,
      limit,
      startMs: 0n,
      endMs: 0n,
      contentTypes: [],
      sender: '',
    };
    const { messages, nextCursor } = await this.acts.run(call, { name: 'messages.read', target: username, detail: { peer } }, () => this.history.fetchHistory(asked));
    return toPage(messages.map(({ id, meta }) => shown(id, meta)), nextCursor === 0n ? '' : String(nextCursor));
  }

  @Operation('GET', `${APP}/messages/:message`, { ...BASE, summary: 'A message by its id', answer: foundMessage, errors: ['message_id_illegal', 'message_not_found'] })
  async message(@TheAdminCall() call: AdminCall) {
    const id = idOf(call);
    const found = await this.acts.run(call, { name: 'message.read', target: String(id) }, () => this.history.findMessage({ tenant: appOf(call), id }));
    return {
      message_id: String(id),
      from: found.sender,
      to: found.recipient,
      at_ms: idToMilliseconds(id),
      state: STATES[found.state] ?? 'removed',
      edits: found.edits,
      payload: found.meta.length === 0 ? null : messageObject(found.meta).payload,
    };
  }
}

export function usernameOf(call: AdminCall): string {
  return foldUsername(call.params['username'] ?? '');
}

/** @throws DomainError message_id_illegal */
export function idOf(call: AdminCall): bigint {
  const id = messageId(call.params['message'] ?? '');
  if (id === undefined) throw new DomainError('message_id_illegal');
  return id;
}

function shown(id: bigint, meta: Uint8Array) {
  const { from, timestamp, payload } = messageObject(meta);
  return { message_id: String(id), from, to: payload.to, at_ms: timestamp, payload };
}
