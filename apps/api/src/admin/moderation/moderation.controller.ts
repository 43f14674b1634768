import { randomBytes } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { mutes as mute } from '@parley/contracts';
import { DomainError, isErrorCode } from '@parley/errors';
import { ACCOUNT_CLIENT, type AccountClient, MUTE_CLIENT, type MuteClient, RECALL_CLIENT, type RecallClient, USER_CLIENT, type UserClient } from '../../clients.js';
import { HISTORY_CLIENT, type HistoryClient } from '../../history/history.clients.js';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { userEntity } from '../../user/user.entity.js';
import { type AdminCall, appOf, TheAdminCall } from '../access/admin-call.js';
import { idOf, usernameOf } from './content.controller.js';
import { ModerationActs } from './moderation.acts.js';
import { done, newActivation, newMutes, recalled, user } from './moderation.schemas.js';

const BASE = { root: true, bare: true, access: [], admin: 'app.moderate' } as const;
const USER = '/admin/v1/orgs/:org/apps/:app/users/:username';
const KINDS = [
  ['chat', mute.MuteKind.MUTE_KIND_CHAT],
  ['groupchat', mute.MuteKind.MUTE_KIND_GROUP],
  ['chatroom', mute.MuteKind.MUTE_KIND_ROOM],
] as const;
/** Shown to users as the one who recalled, as for recalls by the tenant's server. */
const RECALLED_BY = 'admin';

/** What administrators do about users and messages of an app. Every call is safe to repeat, and has its line in the audit log. */
@Controller()
export class ModerationController {
  constructor(
    private readonly acts: ModerationActs,
    @Inject(USER_CLIENT) private readonly users: UserClient,
    @Inject(ACCOUNT_CLIENT) private readonly accounts: AccountClient,
    @Inject(MUTE_CLIENT) private readonly mutes: MuteClient,
    @Inject(HISTORY_CLIENT) private readonly history: HistoryClient,
    @Inject(RECALL_CLIENT) private readonly recalls: RecallClient,
  ) {}

  @Operation('PUT', `${USER}/activation`, { ...BASE, summary: 'Bar a user, or let him in again', body: newActivation, answer: user, errors: ['user_not_found'] })
  async activate(@TheAdminCall() call: AdminCall) {
    const { activated } = parse(newActivation, call.body);
    const target = usernameOf(call);
    return this.acts.run(call, { name: activated ? 'user.activated' : 'user.deactivated', target }, async () =>
      userEntity(await this.accounts.setActivated({ tenant: appOf(call), username: target, activated })),
    );
  }

  @Operation('DELETE', USER, { ...BASE, summary: 'Delete a user', answer: user, errors: ['delete_user_not_found'] })
  async delete(@TheAdminCall() call: AdminCall) {
    const target = usernameOf(call);
    return this.acts.run(call, { name: 'user.deleted', target }, async () => userEntity(await this.users.deleteUser({ tenant: appOf(call), username: target })));
  }

  @Operation('DELETE', `${USER}/sessions`, { ...BASE, summary: 'End all sessions and tokens of a user', answer: done, errors: ['user_not_found'] })
  async disconnect(@TheAdminCall() call: AdminCall) {
    const target = usernameOf(call);
    await this.acts.run(call, { name: 'user.disconnected', target }, () => this.users.disconnect({ tenant: appOf(call), username: target, resource: '' }));
    return { done: true };
  }

  @Operation('PUT', `${USER}/mutes`, { ...BASE, summary: 'Mute a user in the whole app, or undo it', body: newMutes, answer: done, errors: ['mute_user_not_found'] })
  async mute(@TheAdminCall() call: AdminCall) {
    const wanted = parse(newMutes, call.body);
    const target = usernameOf(call);
    const mutes = KINDS.flatMap(([name, kind]) => (wanted[name] === undefined ? [] : [{ kind, seconds: wanted[name] }]));
    await this.acts.run(call, { name: 'user.muted', target, detail: wanted }, () => this.mutes.setMutes({ tenant: appOf(call), username: target, mutes }));
    return { done: true };
  }

  @Operation('DELETE', '/admin/v1/orgs/:org/apps/:app/messages/:message', {
    ...BASE,
    summary: 'Recall a message: it is taken from all devices of both sides, whatever its age',
    query: recalled,
    answer: done,
    errors: ['message_id_illegal', 'message_not_found', 'recall_disabled', 'recall_message_not_found'],
  })
  async recall(@TheAdminCall() call: AdminCall) {
    const messageId = idOf(call);
    const { reason } = parse(recalled, call.query);
    await this.acts.run(call, { name: 'message.recalled', target: String(messageId), detail: { reason } }, async () => {
      const tenant = appOf(call);
      const { recipient } = await this.history.findMessage({ tenant, id: messageId });
      const item = { messageId, to: recipient, from: RECALLED_BY, force: true, syncDevice: true, extension: '', clientId: randomBytes(8).readBigUInt64BE() };
      const { results } = await this.recalls.recall({ tenant, items: [item] });
      const error = results[0]?.error ?? '';
      if (error !== '') throw new DomainError(isErrorCode(error) ? error : 'internal');
    });
    return { done: true };
  }
}
