import type { presence } from '@parley/contracts';
import { EphemeralIds, idToMilliseconds, SYSTEM_QUEUE } from '@parley/kernel';
import { completeMeta, encodeMetaBody, encodePage, NameSpace, userJid } from '@parley/msync';
import type { SessionRegistry } from '../session/session-registry.js';
import type { Identity, Session } from '../session/session.js';

/** As many as a page of a queue. */
const METAS_IN_A_PAGE = 100;
/** A client that reads so slowly asks for states when it has caught up. */
const MOST_UNSENT_BYTES = 256 * 1024;

/** Hands to the sessions here what their users are to hear of others' presence. Not stored, not acknowledged. */
export class PresenceNewsRouter {
  readonly #ids: EphemeralIds;

  constructor(
    private readonly registry: Pick<SessionRegistry, 'of'>,
    ids = new EphemeralIds(),
  ) {
    this.#ids = ids;
  }

  route({ appId, states, deliveries }: presence.PresenceNews): void {
    for (const { userId, heard } of deliveries) {
      for (const session of this.registry.of({ appId, userId })) {
        if (!session.ready || session.wire.buffered() > MOST_UNSENT_BYTES) continue;
        for (let at = 0; at < heard.length; at += METAS_IN_A_PAGE) {
          const some = heard.slice(at, at + METAS_IN_A_PAGE);
          this.#push(session, session.identity!, some.map((one) => payloadOf(states[one.state]!, one.expiresAt)));
        }
      }
    }
  }

  #push(session: Session, identity: Identity, payloads: readonly Buffer[]): void {
    const appKey = `${identity.tenant.org}#${identity.tenant.app}`;
    const queue = userJid(appKey, SYSTEM_QUEUE);
    const metas = payloads.map((payload) => {
      const id = this.#ids.next();
      const body = encodeMetaBody({ from: queue, to: userJid(appKey, identity.username), ns: NameSpace.NOTIFY, payload, ext: [] });
      return completeMeta(id, BigInt(idToMilliseconds(id)), body);
    });
    session.wire.send(encodePage({ metas, queue, isLast: true, timestampMs: BigInt(Date.now()) }));
  }
}

/** One user in each: the SDKs mix up the devices of several (protocol: presence). */
function payloadOf(state: presence.PresenceState, expiresAt: bigint): Buffer {
  const value = {
    uid: state.username,
    last_time: Number(state.changedAt),
    expiry: Number(expiresAt),
    ext: state.ext,
    status: state.statuses,
  };
  return Buffer.from(JSON.stringify({ type: 'presence', data: { values: [value] } }));
}
