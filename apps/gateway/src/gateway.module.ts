import { Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { broadcasts, Bus, requests } from '@parley/bus';
import { auth } from '@parley/contracts';
import { LongWindows, RateLimiter } from '@parley/rates';
import { exchanging, forgetForeignOnChange, refreshKeysOnChange, RevocationFeed } from '@parley/revocation';
import { rpcClient } from '@parley/rpc';
import { ForeignTokenVerifier, TokenVerifier } from '@parley/tokens';
import { randomUUID } from 'node:crypto';
import type { GatewayServiceConfig } from './config.js';
import { LeaseKeeper } from './lease/lease-keeper.js';
import { LiveRouter } from './live/live-router.js';
import { LoginService } from './login/login.service.js';
import { LoginTokens } from './login/login.tokens.js';
import { SessionOpener } from './login/session-opener.js';
import { PresenceNewsRouter } from './presence/presence-news.js';
import { CursorBatcher } from './queue/cursor-batcher.js';
import { SessionQueues } from './queue/session-queues.js';
import { RevokedSessions } from './revocation/revoked-sessions.js';
import { SendPipeline } from './send/send-pipeline.js';
import { SendRates } from './send/send-rates.js';
import { answerSend, Uplink } from './send/uplink.js';
import { FrameRouter } from './server/frame-router.js';
import { GatewayServer } from './server/gateway.server.js';
import { Disconnect } from './session/disconnect.js';
import { SessionRegistry } from './session/session-registry.js';
import { SuspendedApps } from './suspension/suspended-apps.js';
import { PushMarks } from './trace/push-marks.js';

/** The whole wiring of the gateway. */
@Module({})
export class GatewayModule {
  static with(config: GatewayServiceConfig) {
    const limits = config.gateway;
    const gatewayId = randomUUID();
    return {
      module: GatewayModule,
      providers: [
        { provide: Bus, useFactory: () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'gateway' }) },
        {
          provide: TokenVerifier,
          useFactory: () => {
            const client = rpcClient(auth.AuthServiceClient, config.addresses.authRpc);
            return new TokenVerifier(async () => (await client.getVerificationKeys({})).jwksJson);
          },
        },
        provide(SessionRegistry, [Bus], (bus: Bus) => new SessionRegistry(bus)),
        provide(SessionOpener, [Bus], (bus: Bus) => new SessionOpener(bus)),
        provide(LeaseKeeper, [Bus, SessionRegistry], (bus: Bus, registry: SessionRegistry) => {
          return new LeaseKeeper(bus, gatewayId, () => [...registry.sessions()].forEach((session) => session.end(Disconnect.goingAway)));
        }),
        provide(PresenceNewsRouter, [Bus, SessionRegistry], (bus: Bus, registry: SessionRegistry) => {
          const router = new PresenceNewsRouter(registry);
          bus.subscribeGateway(gatewayId, (news) => router.route(news));
          return router;
        }),
        provide(CursorBatcher, [Bus], (bus: Bus) => new CursorBatcher(bus)),
        provide(PushMarks, [Bus, AppSettingsDirectory], (bus: Bus, apps: AppSettingsDirectory) => new PushMarks(bus, apps)),
        provide(
          SessionQueues,
          [Bus, CursorBatcher, PushMarks],
          (bus: Bus, cursors: CursorBatcher, pushes: PushMarks) => new SessionQueues(bus, cursors, pushes),
        ),
        provide(
          LoginService,
          [LoginTokens, AppSettingsDirectory, SessionOpener, SessionRegistry],
          (tokens: LoginTokens, apps: AppSettingsDirectory, opener: SessionOpener, registry: SessionRegistry) =>
            new LoginService(tokens, apps, opener, registry, limits, gatewayId),
        ),
        provide(ForeignTokenVerifier, [Bus], (bus: Bus) => new ForeignTokenVerifier(exchanging(bus))),
        provide(
          LoginTokens,
          [TokenVerifier, ForeignTokenVerifier],
          (own: TokenVerifier, foreign: ForeignTokenVerifier) => new LoginTokens(own, foreign),
        ),
        provide(
          SendPipeline,
          [Bus],
          (bus: Bus) =>
            new SendPipeline(bus, (session, send, result) => {
              send.span.end();
              answerSend(session, send.metaId, result);
            }),
        ),
        provide(
          RateLimiter,
          [Bus, AppSettingsDirectory],
          (bus: Bus, apps: AppSettingsDirectory) => new RateLimiter(bus, apps, new LongWindows(bus), Date.now, broadcasts.clientRates),
        ),
        provide(SendRates, [RateLimiter, AppSettingsDirectory], (limiter: RateLimiter, apps: AppSettingsDirectory) => new SendRates(limiter, apps)),
        provide(
          Uplink,
          [SendPipeline, SendRates, AppSettingsDirectory],
          (pipeline: SendPipeline, rates: SendRates, apps: AppSettingsDirectory) => new Uplink(pipeline, rates, apps, limits),
        ),
        provide(LiveRouter, [SessionQueues, SessionRegistry], (queues: SessionQueues, registry: SessionRegistry) => {
          const router = new LiveRouter(queues);
          registry.onLive((sessions, envelope) => router.route(sessions, envelope));
          return router;
        }),
        provide(RevocationFeed, [Bus], (bus: Bus) => new RevocationFeed(bus, [requests.userRevocations, requests.appRevocations])),
        provide(
          SuspendedApps,
          [Bus, SessionRegistry, LiveRouter],
          (bus: Bus, registry: SessionRegistry, router: LiveRouter) => new SuspendedApps(bus, registry, router),
        ),
        provide(AppSettingsDirectory, [Bus], (bus: Bus) => new AppSettingsDirectory(bus)),
        provide(
          RevokedSessions,
          [Bus, SessionRegistry, LiveRouter, RevocationFeed, TokenVerifier, ForeignTokenVerifier],
          (
            bus: Bus,
            registry: SessionRegistry,
            router: LiveRouter,
            feed: RevocationFeed,
            verifier: TokenVerifier,
            foreign: ForeignTokenVerifier,
          ) => {
            forgetForeignOnChange(feed, foreign);
            const revoked = new RevokedSessions(bus, registry, router, feed);
            refreshKeysOnChange(feed, verifier, () => revoked.endUntrusted((keyId) => verifier.trusts(keyId)));
            return revoked;
          },
        ),
        provide(
          FrameRouter,
          [Bus, LoginService, SessionQueues, Uplink, CursorBatcher],
          (bus: Bus, logins: LoginService, queues: SessionQueues, uplink: Uplink, cursors: CursorBatcher) =>
            new FrameRouter(bus, logins, queues, uplink, cursors, limits),
        ),
        provide(
          GatewayServer,
          [Bus, FrameRouter, LoginService, SessionQueues],
          (bus: Bus, frames: FrameRouter, logins: LoginService, queues: SessionQueues) =>
            new GatewayServer({ ...limits, transport: config.transport }, {
              frame: (session, bytes) => frames.receive(session, bytes),
              closed: (session) => logins.forget(session),
              drained: (session) => queues.drained(session),
              ready: async () => {
                await bus.ping();
                return true;
              },
            }),
        ),
      ],
    };
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the factory's parameters follow the injected tokens
function provide(token: unknown, inject: unknown[], useFactory: (...parts: any[]) => unknown) {
  return { provide: token as never, inject: inject as never[], useFactory };
}
