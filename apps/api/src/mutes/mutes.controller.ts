import { Controller, Inject } from '@nestjs/common';
import { mutes } from '@parley/contracts';
import { foldUsername } from '@parley/kernel';
import { MUTE_CLIENT, type MuteClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { echo, type EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { mutesAnswer, mutesListAnswer, mutesPage, newMutes, setAnswer } from './mutes.schemas.js';

const KINDS = [
  ['chat', mutes.MuteKind.MUTE_KIND_CHAT],
  ['groupchat', mutes.MuteKind.MUTE_KIND_GROUP],
  ['chatroom', mutes.MuteKind.MUTE_KIND_ROOM],
] as const;

/** Users who may not send, in the whole app. */
@Controller()
export class MutesController {
  constructor(@Inject(MUTE_CLIENT) private readonly mutes: MuteClient) {}

  @Operation('POST', '/mutes', {
    summary: 'Mute a user in the whole app, or undo it',
    access: ['app'],
    body: newMutes,
    answer: setAnswer,
    errors: ['mute_user_not_found'],
  })
  async set(@TheCall() call: Call): Promise<EnvelopeFields> {
    const wanted = parse(newMutes, call.body);
    await this.mutes.setMutes({
      tenant: tenantOf(call),
      username: foldUsername(wanted.username),
      mutes: KINDS.flatMap(([name, kind]) => (wanted[name] === undefined ? [] : [{ kind, seconds: wanted[name] }])),
    });
    return { data: { result: 'ok' } };
  }

  @Operation('GET', '/mutes/:username', { summary: 'Mutes of a user', access: ['app'], answer: mutesAnswer, errors: ['mute_user_not_found'] })
  async get(@TheCall() call: Call): Promise<EnvelopeFields> {
    const username = usernameOf(call);
    const found = await this.mutes.getMutes({ tenant: tenantOf(call), username });
    const { org, app } = call.tenant;
    return { data: { userid: `${org}#${app}_${username}`, ...Object.assign({}, ...found.mutes.map(named)), unixtime: nowSeconds() } };
  }

  @Operation('GET', '/mutes', { summary: 'All mutes: an item for each user and kind', access: ['app'], query: mutesPage, answer: mutesListAnswer })
  async list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { pageNum, pageSize } = parse(mutesPage, call.query);
    const found = await this.mutes.listMutes({ tenant: tenantOf(call), page: pageNum, pageSize });
    const data = found.mutes.map(({ username, mute }) => ({ username, ...named(mute!) }));
    return { data: { data, unixtime: nowSeconds() }, params: echo(call.query) };
  }
}

function named({ kind, seconds }: mutes.Mute): Record<string, number> {
  return { [KINDS.find(([, number]) => number === kind)![0]]: seconds };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
