import { type Bus, RequestBatcher, requests } from '@parley/bus';
import type { message } from '@parley/contracts';
import {
  Command,
  decodeEnvelope,
  decodeLogout,
  decodeSyncUplink,
  encodeUnreadAnswer,
  type Envelope,
  MalformedFrame,
  userJid,
} from '@parley/msync';
import { createLogger } from '@parley/telemetry';
import type { LoginService } from '../login/login.service.js';
import type { CursorBatcher } from '../queue/cursor-batcher.js';
import type { SessionQueues } from '../queue/session-queues.js';
import type { Uplink } from '../send/uplink.js';
import { Disconnect } from '../session/disconnect.js';
import type { Session } from '../session/session.js';

const log = createLogger('gateway');
/** Few devices together, so that each may have many unread queues. */
const UNREAD_BATCHES = { batch: 50, concurrency: 8 };

/** Decides what a frame from a client is and who handles it. */
export class FrameRouter {
  readonly #unreads: RequestBatcher<message.DeviceRef, message.UnreadQueues>;

  constructor(
    bus: Bus,
    private readonly logins: LoginService,
    private readonly queues: SessionQueues,
    private readonly uplink: Uplink,
    private readonly cursors: CursorBatcher,
    private readonly limits: { maxFramesPerSecond: number },
  ) {
    this.#unreads = new RequestBatcher(async (devices) => (await bus.request(requests.unread, { devices })).devices, UNREAD_BATCHES);
  }

  /** @param bytes the frame; owned by the router from here on */
  receive(session: Session, bytes: Uint8Array): void {
    if (this.#floods(session)) {
      session.end(Disconnect.overloaded);
      return;
    }
    try {
      this.#route(session, decodeEnvelope(bytes));
    } catch (error) {
      if (!(error instanceof MalformedFrame)) log.error({ err: error }, 'frame could not be handled');
      session.end(Disconnect.malformed);
    }
  }

  /** Frames of every kind cost: whoever sends more than a client ever would is sent away, to come back. */
  #floods(session: Session): boolean {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== session.second) {
      session.second = second;
      session.frames = 0;
    }
    return ++session.frames > this.limits.maxFramesPerSecond;
  }

  #route(session: Session, envelope: Envelope): void {
    if (session.state === 'ended') return;
    if (envelope.command === Command.PROVISION) {
      if (session.state === 'new') this.#login(session, envelope);
      else session.end(Disconnect.secondLogin);
      return;
    }
    if (!session.ready) {
      session.end(Disconnect.loginRequired);
      return;
    }
    switch (envelope.command) {
      case Command.SYNC:
        return this.#sync(session, envelope.payload);
      case Command.UNREAD:
        void this.#unread(session);
        return;
      case Command.LOGOUT:
        decodeLogout(envelope.payload);
        session.loggedOut = true;
        session.end(Disconnect.loggedOut);
        return;
      default:
        session.end(Disconnect.unknownCommand);
    }
  }

  #login(session: Session, envelope: Envelope): void {
    this.logins.login(session, envelope).catch((error: unknown) => {
      if (!(error instanceof MalformedFrame)) log.error({ err: error }, 'login failed');
      session.end(Disconnect.malformed);
    });
  }

  #sync(session: Session, payload: Uint8Array): void {
    const sync = decodeSyncUplink(payload);
    if (sync.meta) {
      this.uplink.receive(session, sync.meta);
      return;
    }
    if (!sync.queue || sync.queue.name === '') throw new MalformedFrame('sync without meta or queue');
    if (!this.queues.clientSync(session, sync.queue.name, sync.key)) session.end(Disconnect.overloaded);
  }

  /** No answer when the store is away: the client asks again with its next heartbeat. */
  async #unread(session: Session): Promise<void> {
    if (session.askingUnread) return;
    session.askingUnread = true;
    const identity = session.identity!;
    try {
      const device = { appId: identity.tenant.appId, userId: identity.userId, resource: identity.resource };
      await this.cursors.settle(device);
      const { queues } = await this.#unreads.ask(device);
      if (!session.ready) return;
      const appKey = `${identity.tenant.org}#${identity.tenant.app}`;
      session.wire.send(
        encodeUnreadAnswer({
          queues: queues.map(({ peer, count }) => ({ jid: userJid(appKey, peer), n: count })),
          timestampMs: BigInt(Date.now()),
        }),
      );
    } catch (error) {
      log.warn({ err: error }, 'unread queues could not be read');
    } finally {
      session.askingUnread = false;
    }
  }
}
