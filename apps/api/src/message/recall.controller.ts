import { Controller, Inject } from '@nestjs/common';
import type { recall } from '@parley/contracts';
import { DomainError, type ErrorCode, isErrorCode } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { RECALL_CLIENT, type RecallClient } from '../clients.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { actId, IDEMPOTENCY_HEADER, readMessageId } from './message-id.js';
import { recallAnswer, recallBatch, recallBatchAnswer, recallLegacy, recallLegacyAnswer, recallOne, type RecallOne } from './recall.schemas.js';

const ERRORS: readonly ErrorCode[] = [
  'recall_id_empty',
  'recall_to_empty',
  'recall_chat_type_empty',
  'recall_force_empty',
  'recall_to_unknown',
  'recall_too_late',
  'recall_message_not_found',
  'recall_not_permitted',
  'recall_disabled',
];

/** Calling messages back for the tenant. */
@Controller()
export class RecallController {
  constructor(@Inject(RECALL_CLIENT) private readonly recalls: RecallClient) {}

  @Operation('POST', '/messages/msg_recall', {
    summary: 'Recall a message',
    access: ['app'],
    body: recallOne,
    answer: recallAnswer,
    headers: IDEMPOTENCY_HEADER,
    errors: ERRORS,
  })
  async one(@TheCall() call: Call): Promise<EnvelopeFields> {
    const order = parse(recallOne, call.body);
    const [result] = await this.#recall(call, [order]);
    if (result!.error !== '') throw new DomainError(codeOf(result!.error));
    return { data: outcomeOf(order, '') };
  }

  @Operation('POST', '/messages/batch_recall', {
    summary: 'Recall up to 30 messages, each with its own outcome',
    access: ['app'],
    body: recallBatch,
    answer: recallBatchAnswer,
    headers: IDEMPOTENCY_HEADER,
    errors: [...ERRORS, 'recall_batch_too_large'],
  })
  async batch(@TheCall() call: Call): Promise<EnvelopeFields> {
    return { data: await this.#outcomes(call, parse(recallBatch, call.body).msgs) };
  }

  @Operation('POST', '/messages/recall', {
    summary: 'Recall up to 30 messages (older form)',
    access: ['app'],
    body: recallLegacy,
    answer: recallLegacyAnswer,
    headers: IDEMPOTENCY_HEADER,
    errors: [...ERRORS, 'recall_batch_too_large'],
  })
  async legacy(@TheCall() call: Call): Promise<EnvelopeFields> {
    return { data: { msgs: await this.#outcomes(call, parse(recallLegacy, call.body).msgs) } };
  }

  async #outcomes(call: Call, orders: readonly RecallOne[]) {
    const results = await this.#recall(call, orders);
    return orders.map((order, i) => outcomeOf(order, results[i]!.error));
  }

  async #recall(call: Call, orders: readonly RecallOne[]): Promise<recall.RecallResult[]> {
    const items = orders.map((order) => itemOf(call, order));
    const { results } = await this.recalls.recall({ tenant: tenantOf(call), items: items.filter((item): item is recall.RecallItem => 'messageId' in item) });
    const inOrder = [...results];
    return items.map((item) => ('error' in item ? item : inOrder.shift()!));
  }
}

/** Groups and rooms are not known here, so nobody has such a message. */
function itemOf(call: Call, order: RecallOne): recall.RecallItem | recall.RecallResult {
  if (order.chat_type !== 'chat') return { error: 'recall_to_unknown' };
  try {
    return {
      messageId: readMessageId(order.msg_id, 'recall_message_not_found'),
      to: foldUsername(order.to),
      from: foldUsername(order.from),
      force: order.force,
      syncDevice: order.sync_device,
      extension: order.recallMessageExtensionInfo,
      clientId: actId(call, `recall|${order.msg_id}`),
    };
  } catch (error) {
    if (error instanceof DomainError && error.code === 'recall_message_not_found') return { error: error.code };
    throw error;
  }
}

function outcomeOf(order: RecallOne, error: string) {
  return {
    recalled: error === '' ? 'yes' : 'no',
    chattype: order.chat_type,
    from: order.from,
    to: order.to,
    msg_id: String(order.msg_id),
    ...(error === '' ? {} : { error: new DomainError(codeOf(error)).description }),
  };
}

function codeOf(error: string): ErrorCode {
  return isErrorCode(error) ? error : 'internal';
}
