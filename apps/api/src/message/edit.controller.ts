import { Controller, Inject } from '@nestjs/common';
import { edit } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { keyValues, type RestMessage, restMessageToBody } from '@parley/msync';
import { EDIT_CLIENT, type EditClient } from '../clients.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { editAnswer, editedContent, editMessage, editRequest } from './edit.schemas.js';
import { MessageSize } from './message-size.js';
import { actId, IDEMPOTENCY_HEADER, readMessageId } from './message-id.js';

const EDITABLE: ReadonlySet<string> = new Set(['txt', 'custom']);

/** Changing messages that were sent, for the tenant. */
@Controller()
export class EditController {
  constructor(
    @Inject(EDIT_CLIENT) private readonly edits: EditClient,
    @Inject(MessageSize) private readonly sizes: MessageSize,
  ) {}

  @Operation('PUT', '/messages/rewrite/:messageId', {
    summary: 'Edit a message: text and custom messages, or the ext of any other',
    access: ['app'],
    body: editMessage,
    answer: editAnswer,
    headers: IDEMPOTENCY_HEADER,
    errors: [
      'edit_content_missing',
      'edit_type_unsupported',
      'edit_id_invalid',
      'edit_not_permitted',
      'edit_limit_reached',
      'edit_unavailable',
      'edit_message_unavailable',
      'edit_concurrent',
      'edit_failed',
      'message_too_large',
    ],
  })
  async edit(@TheCall() call: Call): Promise<EnvelopeFields> {
    const id = readMessageId(call.params['messageId'], 'edit_id_invalid');
    const order = parse(editRequest, call.body);
    if (!order.new_msg && !order.new_ext) throw new DomainError('edit_content_missing');
    if (order.new_msg && !EDITABLE.has(order.new_msg.type)) throw new DomainError('edit_type_unsupported');
    const content = order.new_msg && parse(editedContent, order.new_msg);
    const { maxMessageBytes } = await this.sizes.limitsOf(call.tenant);
    if (jsonBytes(content) + jsonBytes(order.new_ext) > maxMessageBytes) throw new DomainError('message_too_large');
    await this.#edit({
      tenant: tenantOf(call),
      messageId: id,
      operator: foldUsername(order.user),
      body: content && restMessageToBody({ ...asMessage(content), from: '', to: '' }),
      ext: order.new_ext ? keyValues(order.new_ext) : [],
      extChange: extChangeOf(order),
      clientId: actId(call, `edit|${id}`),
    });
    return { data: 'success' };
  }

  /** This call has its own words for what nobody foresaw. */
  async #edit(request: edit.EditRequest): Promise<void> {
    try {
      await this.edits.edit(request);
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'internal') throw error;
      throw new DomainError('edit_failed', {}, { cause: error });
    }
  }
}

function extChangeOf({ new_ext, is_combine_ext }: { new_ext?: object; is_combine_ext: boolean }): edit.ExtChange {
  if (!new_ext) return edit.ExtChange.EXT_CHANGE_UNSPECIFIED;
  return is_combine_ext ? edit.ExtChange.EXT_CHANGE_MERGE : edit.ExtChange.EXT_CHANGE_REPLACE;
}

function asMessage(content: ReturnType<typeof editedContent.parse>): RestMessage {
  return content.type === 'txt'
    ? { type: 'txt', body: { msg: content.msg } }
    : { type: 'custom', body: { customEvent: content.customEvent, customExts: content.customExts } };
}

/** Length as JSON in UTF-8. What is nested too deeply to be written is too large. */
function jsonBytes(value: unknown): number {
  try {
    return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
}
