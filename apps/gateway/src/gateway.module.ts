import { Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { broadcasts, Bus, requests } from '@parley/bus';
import { auth } from '@parley/contracts';
import { LongWindows, RateLimiter } from '@parley/rates';
import { exchanging, forgetForeignOnChange, refreshKeysOnChange, RevocationFeed } from '@parley/revocation';
import { provide, rpcClient } from '@parley/rpc';
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
        provide(Bus, [], () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'gateway' })),
        provide(TokenVerifier, [], () => {
          const client = rpcClient(auth.AuthServiceClient, config.addresses.authRpc);
          return new TokenVerifier(async () => (await client.getVerificationKeys({})).jwksJson);
        }),
        provide(SessionRegistry, [Bus]),
        provide(SessionOpener, [Bus]),
        provide(LeaseKeeper, [Bus, SessionRegistry], (bus, registry) => {
          return new LeaseKeeper(bus, gatewayId, () => [...registry.sessions()].forEach((session) => session.end(Disconnect.goingAway)));
        }),
        provide(PresenceNewsRouter, [Bus, SessionRegistry], (bus, registry) => {
          const router = new PresenceNewsRouter(registry);
          bus.subscribeGateway(gatewayId, (news) => router.route(news));
          return router;
        }),
        provide(CursorBatcher, [Bus]),
        provide(PushMarks, [Bus, AppSettingsDirectory]),
        provide(SessionQueues, [Bus, CursorBatcher, PushMarks]),
        provide(
          LoginService,
          [LoginTokens, AppSettingsDirectory, SessionOpener, SessionRegistry, LiveRouter],
          (tokens, apps, opener, registry, router) =>
            new LoginService(tokens, apps, opener, registry, router, limits, gatewayId),
        ),
        provide(ForeignTokenVerifier, [Bus], (bus) => new ForeignTokenVerifier(exchanging(bus))),
        provide(LoginTokens, [TokenVerifier, ForeignTokenVerifier]),
        provide(
          SendPipeline,
          [Bus],
          (bus) =>
            new SendPipeline(bus, (session, send, result) => {
              send.span.end();
              answerSend(session, send.metaId, result);
            }),
        ),
        provide(
          RateLimiter,
          [Bus, AppSettingsDirectory],
          (bus, apps) => new RateLimiter(bus, apps, new LongWindows(bus), Date.now, broadcasts.clientRates),
        ),
        provide(SendRates, [RateLimiter, AppSettingsDirectory]),
        provide(
          Uplink,
          [SendPipeline, SendRates, AppSettingsDirectory],
          (pipeline, rates, apps) => new Uplink(pipeline, rates, apps, limits),
        ),
        provide(LiveRouter, [SessionQueues, SessionRegistry], (queues, registry) => {
          const router = new LiveRouter(queues);
          registry.onLive((sessions, envelope) => router.route(sessions, envelope));
          return router;
        }),
        provide(RevocationFeed, [Bus], (bus) => new RevocationFeed(bus, [requests.userRevocations, requests.appRevocations])),
        provide(SuspendedApps, [Bus, SessionRegistry, LiveRouter]),
        provide(AppSettingsDirectory, [Bus]),
        provide(
          RevokedSessions,
          [Bus, SessionRegistry, LiveRouter, RevocationFeed, TokenVerifier, ForeignTokenVerifier],
          (bus, registry, router, feed, verifier, foreign) => {
            forgetForeignOnChange(feed, foreign);
            const revoked = new RevokedSessions(bus, registry, router, feed);
            refreshKeysOnChange(feed, verifier, () => revoked.endUntrusted((keyId) => verifier.trusts(keyId)));
            return revoked;
          },
        ),
        provide(
          FrameRouter,
          [Bus, LoginService, SessionQueues, Uplink, CursorBatcher],
          (bus, logins, queues, uplink, cursors) =>
            new FrameRouter(bus, logins, queues, uplink, cursors, limits),
        ),
        provide(
          GatewayServer,
          [Bus, FrameRouter, LoginService, SessionQueues],
          (bus, frames, logins, queues) =>
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

