import type { live } from '@parley/contracts';
import { EphemeralIds, idToMilliseconds } from '@parley/kernel';
import { completeMeta, encodeMetaBody, encodePage, encodeStatisticsMetaBody, NameSpace, userJid } from '@parley/msync';
import { beginSpan } from '@parley/telemetry';
import type { FeedRow } from '../queue/queue.js';
import type { SessionQueues } from '../queue/session-queues.js';
import { Disconnect } from '../session/disconnect.js';
import type { EndNotice, Identity, Session } from '../session/session.js';

/** Hands what arrives for a user to his sessions on this gateway. */
export class LiveRouter {
  readonly #ids = new EphemeralIds();

  constructor(private readonly queues: SessionQueues) {}

  route(sessions: ReadonlySet<Session>, envelope: live.LiveEnvelope): void {
    if (envelope.kick) {
      for (const session of [...sessions]) this.#kick(session, envelope.kick);
      return;
    }
    const byConversation = groupByConversation(envelope.metas);
    for (const session of sessions) {
      if (!session.ready) continue;
      for (const metas of byConversation) this.#deliver(session, session.identity!, metas);
    }
    for (const meta of envelope.metas) if (meta.traceparent !== '') beginSpan('gateway.deliver', meta.traceparent).end();
  }

  #deliver(session: Session, identity: Identity, metas: readonly live.LiveMeta[]): void {
    const first = metas[0]!;
    const rows: FeedRow[] = metas.map((meta) => ({
      conversationId: meta.conversationId,
      peer: meta.peer,
      id: meta.id,
      seq: meta.seq,
      meta: deviceGets(meta, identity) ? meta.meta : undefined,
    }));
    if (first.seq !== 0n) {
      this.queues.live(session, rows);
      return;
    }
    const visible = rows.flatMap((row) => row.meta ?? []);
    if (visible.length > 0) this.#push(session, identity, first.peer, visible);
  }

  #kick(session: Session, kick: live.Kick): void {
    const { identity } = session;
    if (!identity) return;
    if (kick.resource !== '' && kick.resource !== identity.resource) return;
    if (kick.sessionId !== '' && kick.sessionId !== identity.sessionId) return;
    this.end(session, kick);
  }

  /**
   * Ends a session. The notice goes before the close: without it the client would come back at once. One that is still
   * logging in hears first whether it may: a client takes nothing else for an answer, and is best told why it may not.
   */
  end(session: Session, notice: EndNotice): void {
    const { identity } = session;
    if (!identity || session.state === 'ended') return;
    if (!session.ready) {
      session.endNotice ??= notice;
      return;
    }
    const self = userJid(`${identity.tenant.org}#${identity.tenant.app}`, identity.username);
    const id = this.#ids.next();
    const body = encodeMetaBody({
      from: self,
      to: self,
      ns: NameSpace.STATISTIC,
      payload: encodeStatisticsMetaBody(notice.operation, notice.reason),
      ext: [],
    });
    this.#push(session, identity, identity.username, [completeMeta(id, BigInt(idToMilliseconds(id)), body)]);
    session.end(Disconnect.kicked);
  }

  /** For what is not stored: no key, no acknowledgement. */
  #push(session: Session, identity: Identity, peer: string, metas: Uint8Array[]): void {
    const queue = userJid(`${identity.tenant.org}#${identity.tenant.app}`, peer);
    session.wire.send(encodePage({ metas, queue, isLast: true, timestampMs: BigInt(Date.now()) }));
  }
}

/** The same rule as device_gets of the message service's store. */
function deviceGets(meta: live.LiveMeta, identity: Identity): boolean {
  const mine = meta.senderId === identity.userId;
  if (mine && (meta.recipientOnly || meta.senderResource === identity.resource)) return false;
  if (meta.toResource === '' || meta.toResource === identity.resource) return true;
  const toSelf = meta.peer === identity.username;
  return mine && !toSelf;
}

/** In order of arrival; what is not stored (seq 0) goes one by one. */
function groupByConversation(metas: readonly live.LiveMeta[]): live.LiveMeta[][] {
  if (metas.length === 1) return [metas as live.LiveMeta[]];
  const groups = new Map<string, live.LiveMeta[]>();
  metas.forEach((meta, i) => {
    const key = meta.seq === 0n ? `online ${i}` : String(meta.conversationId);
    const group = groups.get(key);
    if (group) group.push(meta);
    else groups.set(key, [meta]);
  });
  return [...groups.values()];
}
