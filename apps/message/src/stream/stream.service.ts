import { message, type stream } from '@parley/contracts';
import { DomainError, type ErrorCode, isErrorCode } from '@parley/errors';
import { idToMilliseconds } from '@parley/kernel';
import { completeMeta, encodeMetaBody, NameSpace, streamBody, StreamError, StreamStatus, userJid } from '@parley/msync';
import { Rounds } from '@parley/rpc';
import { createLogger, currentTraceparent } from '@parley/telemetry';
import type { ConversationStore } from '../conversation/conversation.store.js';
import { directoryKey, type UserDirectory } from '../conversation/user-directory.js';
import type { Deliveries } from '../send/live-delivery.js';
import type { SendService } from '../send/send.service.js';
import { judgeChunk, overdue, StreamState, streamLimits } from './stream.rules.js';
import type { StreamRow, StreamStore } from './stream.store.js';

const log = createLogger('message');
const LOOK_EVERY_MS = 5_000;
const BATCH = 100;

type Chunk = stream.AppendChunkRequest;

/** Streamed text: an ordinary message from its first chunk on, which grows in its place. */
export class StreamService {
  readonly rounds = new Rounds(LOOK_EVERY_MS, () => this.endOverdue(), (error) => log.warn({ err: error }, 'streams are ended later'));

  constructor(
    private readonly store: StreamStore,
    private readonly directory: UserDirectory,
    private readonly conversations: ConversationStore,
    private readonly sends: Pick<SendService, 'send'>,
    private readonly deliveries: Pick<Deliveries, 'publishOnlineOnly'>,
  ) {}

  /** @throws DomainError stream_*, and what a send is refused with */
  async append(chunk: Chunk): Promise<stream.AppendChunkResponse> {
    if (chunk.messageId === 0n) return { messageId: await this.#begin(chunk) };
    const { refused, sent } = await this.store.locked(chunk.tenant!.appId, chunk.messageId, async (found, client) => {
      if (!found) return { refused: 'stream_not_found' as ErrorCode, sent: undefined };
      const { refused, ends } = judgeChunk({ ...found, bytes: Buffer.byteLength(found.content) }, { ...chunk, bytes: Buffer.byteLength(chunk.text) });
      if (refused !== undefined && ends === undefined) return { refused, sent: undefined };
      const next: StreamRow =
        ends === undefined
          ? { ...found, content: found.content + chunk.text, seq: chunk.seq, state: chunk.finish ? StreamState.finished : StreamState.coming }
          : { ...found, seq: found.seq + 1n, state: ends };
      const there = await this.store.writeMessage(next, metaOf(next, next.content, StreamStatus.FULL, chunk.finishReason), client);
      if (!there) return { refused: 'stream_not_found' as ErrorCode, sent: undefined };
      await this.store.save(next, client);
      return { refused, sent: { next, text: ends === undefined ? chunk.text : '' } };
    });
    if (sent) this.#tell(sent.next, sent.text, chunk.finishReason);
    if (refused !== undefined) throw new DomainError(refused);
    return { messageId: chunk.messageId };
  }

  /** Ends streams that nobody goes on with. Replicas may do it together. */
  async endOverdue(): Promise<void> {
    const ended: StreamRow[] = [];
    await this.store.overdue(streamLimits, BATCH, async (streams, client) => {
      for (const found of streams) {
        const next = { ...found, seq: found.seq + 1n, state: overdue(found) ?? StreamState.intervalTimeout };
        await this.store.save(next, client);
        if (await this.store.writeMessage(next, metaOf(next, next.content, StreamStatus.FULL, 0), client)) ended.push(next);
      }
    });
    for (const one of ended) this.#tell(one, '', 0);
    await this.store.forgetOld();
  }

  async #begin(chunk: Chunk): Promise<bigint> {
    const tenant = chunk.tenant!;
    const { appId } = tenant;
    if (chunk.seq !== 0n) throw new DomainError('stream_not_found');
    if (Buffer.byteLength(chunk.text) > streamLimits.bytes) throw new DomainError('stream_too_long');
    const users = await this.directory.resolve([
      { appId, username: chunk.from },
      { appId, username: chunk.to },
    ]);
    const senderId = users.get(directoryKey(appId, chunk.from)) ?? (await this.conversations.namedSender(appId, chunk.from));
    const recipientId = users.get(directoryKey(appId, chunk.to));
    const [conversationId] =
      recipientId === undefined
        ? []
        : await this.conversations.ofPairs([{ appId, one: { id: senderId, name: chunk.from }, other: { id: recipientId, name: chunk.to } }]);
    const state = chunk.finish ? StreamState.finished : StreamState.coming;
    const begun = {
      ...{ appId, messageId: 0n, conversationId, senderId, sender: chunk.from, recipientId, recipient: chunk.to, appKey: `${tenant.org}#${tenant.app}` },
      ...{ textType: chunk.textType, ext: chunk.ext.map((one) => Buffer.from(one)), content: chunk.text, seq: 0n, state, sinceStartMs: 0, sinceLastMs: 0 },
    };
    const { results } = await this.sends.send({
      items: [
        {
          ...{ tenant, senderId, sender: chunk.from, senderResource: '', clientId: chunk.clientId, to: chunk.to, toResource: '', ns: NameSpace.CHAT },
          payload: bodyOf(begun, chunk.text, chunk.finish ? StreamStatus.FULL : StreamStatus.START, chunk.finishReason),
          ...{ ext: [], route: message.Route.ROUTE_UNSPECIFIED, recipientOnly: true, ignoreUnknownRecipient: true, notInHistory: false },
          traceparent: currentTraceparent(),
        },
      ],
    });
    const result = results[0]!;
    if (result.error !== '') throw new DomainError(isErrorCode(result.error) ? result.error : 'internal', { username: result.errorDetail });
    const stream = { ...begun, messageId: result.serverId };
    await this.store.begin(stream);
    // The stored row may reach a device by way of a read; the next chunk must not come before this one.
    if (!chunk.finish) this.#tell(stream, chunk.text, 0, StreamStatus.START);
    return result.serverId;
  }

  /** The chunk, to devices that are online now. Whoever misses it reads the whole from the timeline. */
  #tell(stream: StreamRow, text: string, finishReason: number, status: StreamStatus = statusOf(stream)): void {
    if (stream.recipientId === undefined) return;
    this.deliveries.publishOnlineOnly({
      appId: stream.appId,
      id: stream.messageId,
      meta: completeMeta(stream.messageId, BigInt(idToMilliseconds(stream.messageId)), metaOf(stream, text, status, finishReason)),
      sender: { id: stream.senderId, name: stream.sender },
      senderId: stream.senderId,
      senderResource: '',
      recipient: { id: stream.recipientId, name: stream.recipient },
      toResource: '',
      recipientOnly: true,
      traceparent: currentTraceparent(),
    });
  }
}

function statusOf({ state }: StreamRow): StreamStatus {
  return state === StreamState.coming ? StreamStatus.IN_PROGRESS : StreamStatus.COMPLETED;
}

function bodyOf(stream: Omit<StreamRow, 'messageId'>, text: string, status: StreamStatus, finishReason: number): Buffer {
  const error = stream.state === StreamState.intervalTimeout ? StreamError.intervalTimeout : stream.state === StreamState.timeout ? StreamError.timeout : StreamError.none;
  const { sender: from, recipient: to, ext, textType, seq } = stream;
  return streamBody({ from, to, text, ext, textType, seq, status, error, finishReason });
}

function metaOf(stream: StreamRow, text: string, status: StreamStatus, finishReason: number): Buffer {
  const jid = (name: string) => userJid(stream.appKey, name);
  const payload = bodyOf(stream, text, status, finishReason);
  return encodeMetaBody({ from: jid(stream.sender), to: jid(stream.recipient), ns: NameSpace.CHAT, payload, ext: [] });
}
