import type { AppSettingsDirectory } from '@parley/app-settings';
import { user } from '@parley/contracts';
import { decodeProvision, encodeProvisionAnswer, type Envelope, MalformedFrame, type StatusFields } from '@parley/msync';
import { counter, createLogger } from '@parley/telemetry';
import type { VerifiedToken } from '@parley/tokens';
import { randomUUID } from 'node:crypto';
import type { LiveRouter } from '../live/live-router.js';
import { Disconnect } from '../session/disconnect.js';
import { type Identity, type Session, tenantOf } from '../session/session.js';
import type { SessionRegistry } from '../session/session-registry.js';
import { type Admitted, LoginAdmission, type LoginLimits } from './login-admission.js';
import { type LoginRequest, matchesLogin, readLogin, Refusal } from './login.rules.js';
import type { LoginTokens } from './login.tokens.js';
import type { SessionOpener } from './session-opener.js';

const log = createLogger('gateway');
const logins = counter('gateway', 'parley.logins', 'logins by outcome');

/** Provision: from a new connection to a session that receives. */
export class LoginService {
  #count = 0;
  readonly #admission: LoginAdmission;

  constructor(
    private readonly tokens: Pick<LoginTokens, 'read'>,
    private readonly apps: Pick<AppSettingsDirectory, 'state'>,
    private readonly opener: SessionOpener,
    private readonly registry: SessionRegistry,
    private readonly router: Pick<LiveRouter, 'end'>,
    limits: LoginLimits,
    /** Begins the id of every session: 36 characters. */
    private readonly gatewayId: string = randomUUID(),
  ) {
    this.#admission = new LoginAdmission(limits);
  }

  async login(session: Session, envelope: Envelope): Promise<void> {
    const admitted = this.#admission.admit(envelope.guid?.appKey.toLowerCase() ?? '', session.network);
    if (!admitted) {
      session.end(Disconnect.overloaded);
      return;
    }
    session.state = 'loggingIn';
    try {
      const login = readLogin(envelope, decodeProvision(envelope.payload));
      if (login) await this.#open(session, login, admitted);
      else this.#fail(session, admitted, Refusal.wrongParameter);
    } catch (error) {
      if (error instanceof MalformedFrame) {
        admitted.failed();
        throw error;
      }
      // Not the client's fault: without an answer it comes back and tries again.
      log.warn({ err: error }, 'login could not be decided');
      this.forget(session);
      session.end(Disconnect.unavailable);
      logins.add(1, { outcome: 'unavailable' });
    }
  }

  /** The session is gone: nothing more is delivered to it, and its device no longer counts. */
  forget(session: Session): void {
    const { identity } = session;
    if (!identity) return;
    session.identity = undefined;
    this.registry.remove(session, identity);
    this.opener.close({
      appId: identity.tenant.appId,
      userId: identity.userId,
      resource: identity.resource,
      sessionId: identity.sessionId,
      loggedOut: session.loggedOut,
    });
  }

  async #open(session: Session, login: LoginRequest, admitted: Admitted): Promise<void> {
    const token = await this.tokens.read(login);
    if ('code' in token) return this.#fail(session, admitted, token);
    if (!matchesLogin(token, login)) return this.#fail(session, admitted, Refusal.badToken);
    if (session.state !== 'loggingIn') return;

    const identity: Identity = {
      tenant: token.tenant,
      userId: token.userId!,
      username: login.username,
      resource: login.resource,
      sessionId: `${this.gatewayId}:${++this.#count}`,
      tokenEpoch: token.tokenEpoch,
      keyId: token.keyId,
      issuer: token.issuer,
    };
    // Before the questions, so that nothing published after an answer is missed: a message, a revocation, a kick.
    session.identity = identity;
    this.registry.add(session, identity);
    const [{ suspended }, still] = await Promise.all([
      this.apps.state(identity.tenant.appId),
      // What auth said of a token that somebody else made: remembered, unless its maker went meanwhile.
      token.keyId === undefined ? this.tokens.read(login) : token,
    ]);
    if (session.state !== 'loggingIn') return;
    if ('code' in still) return this.#fail(session, admitted, still);
    if (suspended) return this.#refuse(session, Refusal.appSuspended);
    const verdict = await this.opener.open({
      tenant: tenantOf(identity),
      userId: identity.userId,
      username: identity.username,
      tokenEpoch: identity.tokenEpoch,
      resource: identity.resource,
      platform: login.platform,
      deviceUuid: login.deviceUuid,
      deviceName: login.deviceName,
      sessionId: identity.sessionId,
      loginExt: login.loginExt,
    });
    if (session.state !== 'loggingIn') return;
    switch (verdict) {
      case user.SessionVerdict.SESSION_VERDICT_OK:
        return this.#accept(session, identity, token);
      case user.SessionVerdict.SESSION_VERDICT_USER_NOT_FOUND:
        return this.#refuse(session, Refusal.userNotFound);
      case user.SessionVerdict.SESSION_VERDICT_TOKEN_REVOKED:
        return this.#fail(session, admitted, Refusal.badToken);
      case user.SessionVerdict.SESSION_VERDICT_NOT_ACTIVATED:
        return this.#refuse(session, Refusal.notActivated);
      case user.SessionVerdict.SESSION_VERDICT_CONNECTIONS_FULL:
        return this.#refuse(session, Refusal.connectionsFull);
      case user.SessionVerdict.SESSION_VERDICT_DAILY_ACTIVE_FULL:
        return this.#refuse(session, Refusal.dailyActiveFull);
      default:
        throw new Error('no verdict');
    }
  }

  #accept(session: Session, identity: Identity, token: VerifiedToken): void {
    session.state = 'ready';
    logins.add(1, { outcome: 'ok' });
    session.wire.send(
      encodeProvisionAnswer({
        status: { code: 0 },
        resource: identity.resource,
        sessionId: identity.sessionId,
        // Absolute, in spite of its name (protocol: login sequence). A token without end has none.
        ...(Number.isFinite(token.expiresAtMs) ? { authToken: JSON.stringify({ expires_in: token.expiresAtMs }) } : {}),
      }),
    );
    if (session.endNotice) this.router.end(session, session.endNotice);
  }

  /** Refuses whoever did not prove to be of the app. */
  #fail(session: Session, admitted: Admitted, status: StatusFields): void {
    admitted.failed();
    this.#refuse(session, status);
  }

  #refuse(session: Session, status: StatusFields): void {
    logins.add(1, { outcome: 'refused' });
    this.forget(session);
    session.wire.send(encodeProvisionAnswer({ status, resource: '' }));
    session.end(Disconnect.loginRefused);
  }
}
