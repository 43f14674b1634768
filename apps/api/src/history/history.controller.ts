import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { ContentType, messageObject } from '@parley/msync';
import { z } from 'zod';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { HISTORY_CLIENT, type HistoryClient } from './history.clients.js';
import { fetchHistory, historyAnswer, messageObjectAnswer } from './history.schemas.js';
import { messageId, queueOf } from './query-values.js';

const contentTypes: Readonly<Record<string, number>> = {
  txt: ContentType.TEXT,
  img: ContentType.IMAGE,
  video: ContentType.VIDEO,
  loc: ContentType.LOCATION,
  audio: ContentType.VOICE,
  file: ContentType.FILE,
  cmd: ContentType.COMMAND,
  custom: ContentType.CUSTOM,
  combine: ContentType.COMBINE,
};
const states = ['stored', 'recalled', 'removed', 'expired'] as const;

@Controller()
export class HistoryController {
  constructor(@Inject(HISTORY_CLIENT) private readonly history: HistoryClient) {}

  @Operation('POST', '/users/:username/messageroaming', {
    summary: 'A page of the history of one conversation',
    access: ['app', 'self'],
    body: fetchHistory,
    answer: historyAnswer,
    errors: ['history_disabled', 'user_not_found', 'group_unknown', 'illegal_argument'],
  })
  async fetch(@TheCall() call: Call): Promise<EnvelopeFields> {
    const asked = parse(fetchHistory, call.body);
    const { messages, nextCursor, isLast } = await this.history.fetchHistory({
      tenant: tenantOf(call),
      username: usernameOf(call),
      conversation: queueOf(asked.queue),
      cursor: messageId(asked.start) ?? 0n,
      forward: asked.is_positive,
      limit: asked.pull_number,
      startMs: asked.startTime,
      endMs: asked.endTime,
      contentTypes: typesOf(asked.msgType),
      sender: asked.userId,
    });
    return {
      data: {
        msgs: messages.map(({ id, meta }) => ({ msg: Buffer.from(meta).toString('base64'), msg_id: String(id) })),
        next_key: nextCursor === 0n ? '' : String(nextCursor),
        is_last: isLast,
      },
    };
  }

  @Operation('GET', '/messages/:messageId', {
    summary: 'One message of the app by its id',
    access: ['app'],
    answer: messageObjectAnswer,
    errors: ['message_id_illegal', 'message_not_found'],
  })
  async find(@TheCall() call: Call): Promise<EnvelopeFields> {
    const id = idOf(call);
    const found = await this.history.findMessage({ tenant: tenantOf(call), id });
    return {
      data: {
        id: String(id),
        state: states[found.state] ?? 'removed',
        from: found.sender,
        to: found.recipient,
        timestamp: idToMilliseconds(id),
        edits: found.edits,
        payload: found.meta.length === 0 ? null : messageObject(found.meta).payload,
      },
    };
  }

  @Operation('DELETE', '/messages/:messageId', {
    summary: 'Take a message out of everybody\'s history; devices that have it keep it (recall tells them)',
    access: ['app'],
    answer: z.object({ data: z.object({ result: z.literal('ok') }) }),
    errors: ['message_id_illegal', 'message_not_found'],
  })
  async remove(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.history.removeForAll({ tenant: tenantOf(call), id: idOf(call) });
    return { data: { result: 'ok' } };
  }
}

function idOf(call: Call): bigint {
  const id = messageId(call.params['messageId'] ?? '');
  if (id === undefined) throw new DomainError('message_id_illegal');
  return id;
}

/** A type that there is not matches nothing. */
function typesOf(list: string): number[] {
  return list === '' ? [] : list.split(',', 20).map((name) => (Object.hasOwn(contentTypes, name) ? contentTypes[name]! : 15));
}
