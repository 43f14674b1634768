import type { live, Tenant } from '@parley/contracts';
import type { TenantRef } from '@parley/kernel';
import type { SessionDelivery } from '../queue/session-queues.js';
import type { PendingSend } from '../send/pending-send.js';
import type { SendMeter } from '../send/send-rates.js';
import type { Disconnect } from './disconnect.js';

/** What a session needs of its socket. */
export interface Wire {
  send(frame: Uint8Array): void;
  /** Sends what is buffered, then closes. */
  end(why: Disconnect): void;
  /** Bytes written but not yet taken by the network. */
  buffered(): number;
}

/** Who is logged in on a connection. */
export interface Identity {
  readonly tenant: TenantRef;
  readonly userId: bigint;
  readonly username: string;
  readonly resource: string;
  readonly sessionId: string;
  /** Epoch of the token that the session was opened with. */
  readonly tokenEpoch: number;
  /** Key that signed it; absent when somebody else did. */
  readonly keyId: string | undefined;
  /** The tenant's own issuer that made it; absent when it was made with keys of ours or a secret of the app. */
  readonly issuer: string | undefined;
}

/** Why a session is ended, as its client is told: operation and text of the MSYNC notice. */
export type EndNotice = Pick<live.Kick, 'operation' | 'reason'>;

export type SessionState = 'new' | 'loggingIn' | 'ready' | 'ended';

/** One connection. Kept small: what a quiet connection does not need is made when first used. */
export class Session {
  state: SessionState = 'new';
  identity: Identity | undefined;
  /** Came while it was logging in: the client is told when it is decided whether the login is good. */
  endNotice: EndNotice | undefined;
  /** What this connection gets; made when there is something. */
  delivery: SessionDelivery | undefined;
  /** Messages received and not yet handed to the message service. */
  pendingSends: PendingSend[] | undefined;
  /** A batch with messages of this session is under way; the next waits, so that order is kept. */
  sending = false;
  /** What its user and app have sent of late; made with the first message. */
  meter: SendMeter | undefined;
  /** Frames of the present second. */
  second = 0;
  frames = 0;
  /** An answer about unread queues is under way: further questions are answered by it. */
  askingUnread = false;
  /** The client said so, rather than being gone. */
  loggedOut = false;
  readonly openedAtMs: number;

  constructor(
    readonly wire: Wire,
    nowMs: number,
    /** From where the client comes, as callers are told apart. */
    readonly network = '',
  ) {
    this.openedAtMs = nowMs;
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  /** Ends the connection from this side, after what is buffered is sent. */
  end(why: Disconnect): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.wire.end(why);
  }
}

/** The tenant as contracts carry it. */
export function tenantOf(identity: Identity): Tenant {
  const { appId, appUuid, org, app } = identity.tenant;
  return { appId, appUuid, org, app };
}
