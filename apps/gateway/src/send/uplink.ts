import type { AppSettingsDirectory } from '@parley/app-settings';
import { message } from '@parley/contracts';
import { DomainError, type ErrorCode, toMsyncStatus } from '@parley/errors';
import { foldUsername, isLegalUsername } from '@parley/kernel';
import { encodeSendAnswer, forceSender, NameSpace, RouteType, type UplinkMeta } from '@parley/msync';
import { beginSpan } from '@parley/telemetry';
import { isResource } from '../login/login.rules.js';
import { type Identity, type Session, tenantOf } from '../session/session.js';
import type { PendingSend } from './pending-send.js';
import { isReceipt } from './receipt.rules.js';
import type { SendPipeline } from './send-pipeline.js';
import type { SendRates } from './send-rates.js';

/** Clients give up on a send after 15 s; an answer after that would reach nobody. */
const ANSWER_WITHIN_MS = 12_000;

/** Takes a meta from a client: checks what can be checked here, forces the sender, and queues it. */
export class Uplink {
  constructor(
    private readonly pipeline: SendPipeline,
    private readonly rates: Pick<SendRates, 'admits'>,
    private readonly settings: Pick<AppSettingsDirectory, 'peek'>,
    private readonly limits: { maxMessageBytes: number; maxPendingSends: number },
  ) {}

  receive(session: Session, meta: UplinkMeta): void {
    const identity = session.identity!;
    // The client's own statistics: nothing to do, and the answer keeps it content.
    if (meta.ns === NameSpace.STATISTIC) {
      answerSend(session, meta.id, { error: '', errorDetail: '', serverId: meta.id, timestampMs: BigInt(Date.now()), metas: [] });
      return;
    }
    const refusal = this.#refuse(session, identity, meta);
    if (refusal) {
      answerError(session, meta.id, refusal);
      return;
    }
    const span = beginSpan('gateway.receive');
    const send: PendingSend = {
      metaId: meta.id,
      deadlineMs: Date.now() + ANSWER_WITHIN_MS,
      span,
      item: itemOf(identity, meta, span.traceparent),
    };
    this.pipeline.push(session, send);
  }

  #refuse(session: Session, identity: Identity, meta: UplinkMeta): DomainError | undefined {
    if (meta.id === 0n) return new DomainError('format_incorrect');
    if (!meta.to || meta.to.name === '') return new DomainError('format_incorrect');
    const appKey = `${identity.tenant.org}#${identity.tenant.app}`;
    const foreign = meta.to.appKey !== '' && meta.to.appKey.toLowerCase() !== appKey;
    if (foreign) return new DomainError('recipient_not_found', { username: meta.to.name });
    // What cannot be a name must not reach the store: one bad value would fail the whole batch.
    if (!isLegalUsername(foldUsername(meta.to.name))) return new DomainError('recipient_not_found', { username: meta.to.name });
    if (meta.to.clientResource !== '' && !isResource(meta.to.clientResource)) return new DomainError('format_incorrect');
    if (meta.ns === NameSpace.MUC) return new DomainError('room_not_found', { id: meta.to.name });
    if (meta.routetype === RouteType.ROUTE_DIRECT) return new DomainError('not_supported');
    const bytes = meta.ext.reduce((sum, one) => sum + one.length, meta.payload.length);
    if (bytes > this.#mostBytes(identity)) return new DomainError('message_too_large');
    if ((session.pendingSends?.length ?? 0) >= this.limits.maxPendingSends) return new DomainError('msync_traffic_limit');
    if (!this.rates.admits(session, isReceipt(meta), Date.now())) return new DomainError('msync_traffic_limit');
    return undefined;
  }

  /** The app's limit within that of the process. Without a question: its settings are known since the login. */
  #mostBytes({ tenant }: Identity): number {
    const { maxMessageBytes } = this.limits;
    return Math.min(this.settings.peek(tenant.appId)?.messageBytes ?? maxMessageBytes, maxMessageBytes);
  }
}

function itemOf(identity: Identity, meta: UplinkMeta, traceparent: string): message.SendItem {
  const to = foldUsername(meta.to!.name);
  return {
    tenant: tenantOf(identity),
    senderId: identity.userId,
    sender: identity.username,
    senderResource: identity.resource,
    clientId: meta.id,
    to,
    toResource: meta.to!.clientResource,
    ns: meta.ns,
    payload: meta.ns === NameSpace.CHAT ? (forceSender(meta.payload, { name: identity.username }, { name: to }) as Buffer) : (meta.payload as Buffer),
    ext: meta.ext as Buffer[],
    route: meta.routetype === RouteType.ROUTE_ONLINE ? message.Route.ROUTE_ONLINE : message.Route.ROUTE_UNSPECIFIED,
    recipientOnly: false,
    ignoreUnknownRecipient: false,
    traceparent,
    notInHistory: false,
  };
}

/** The one place where the outcome of a send becomes a frame. */
export function answerSend(session: Session, metaId: bigint, result: message.SendResult): void {
  if (session.state !== 'ready') return;
  if (result.error !== '') {
    answerError(session, metaId, new DomainError(result.error as ErrorCode, { username: result.errorDetail, detail: result.errorDetail }));
    return;
  }
  session.wire.send(encodeSendAnswer({ metaId, serverId: result.serverId, timestampMs: result.timestampMs, metas: result.metas }));
}

function answerError(session: Session, metaId: bigint, error: DomainError): void {
  session.wire.send(encodeSendAnswer({ metaId, timestampMs: BigInt(Date.now()), status: toMsyncStatus(error) }));
}
