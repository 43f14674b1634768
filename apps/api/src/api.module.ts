import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { Bus, requests } from '@parley/bus';
import { auth, exchange, issuers, user } from '@parley/contracts';
import { EpochDirectory, exchanging, forgetForeignOnChange, refreshKeysOnChange, RevocationFeed } from '@parley/revocation';
import { rpcClient } from '@parley/rpc';
import { ForeignTokenVerifier, TokenVerifier } from '@parley/tokens';
import { AccessGuard } from './access/access.guard.js';
import { AppDirectory } from './access/app-directory.js';
import { BearerTokens } from './access/bearer.tokens.js';
import { AppTokenStrategy, UserTokenStrategy } from './access/bearer.strategies.js';
import { AUTH_CLIENT, EXCHANGE_CLIENT, ISSUER_CLIENT, USER_CLIENT, type AuthClient } from './clients.js';
import { behaviourClients } from './behaviour-clients.js';
import { AdminAccess } from './admin/access/admin-access.js';
import { AdminClients } from './admin/access/admin-clients.js';
import { administration } from './admin/administration.js';
import { ModerationActs } from './admin/moderation/moderation.acts.js';
import { BlocklistController } from './blocklist/blocklist.controller.js';
import { ContactController } from './contact/contact.controller.js';
import { ContactListController } from './contact/contact-list.controller.js';
import { API_CONFIG, type ApiServiceConfig } from './config.js';
import { FILE_CLIENT, type FileClient } from './file/file.client.js';
import { FileController } from './file/file.controller.js';
import { FileRelay } from './file/file.relay.js';
import { HealthController } from './health/health.controller.js';
import { AttributesController } from './attributes/attributes.controller.js';
import { ConversationListController } from './conversation/conversation-list.controller.js';
import { ConversationController } from './conversation/conversation.controller.js';
import { PinnedMessageController } from './conversation/pinned-message.controller.js';
import { HistoryController } from './history/history.controller.js';
import { RemovalController } from './history/removal.controller.js';
import { EnvelopeInterceptor } from './http/envelope.interceptor.js';
import { ErrorFilter } from './http/error.filter.js';
import { JwksController } from './jwks/jwks.controller.js';
import { EditController } from './message/edit.controller.js';
import { MessageController } from './message/message.controller.js';
import { RecallController } from './message/recall.controller.js';
import { MessageSize } from './message/message-size.js';
import { SendService } from './message/send.service.js';
import { MutesController } from './mutes/mutes.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { AdministrationGuard } from './rates/administration.guard.js';
import { RateGuard } from './rates/rate.guard.js';
import { rateProviders } from './rates/rate.providers.js';
import { OfflineController } from './offline/offline.controller.js';
import { PresenceController } from './presence/presence.controller.js';
import { PushController } from './push/push.controller.js';
import { ReactionController } from './reaction/reaction.controller.js';
import { SessionController } from './session/session.controller.js';
import { IssuerController } from './token/issuer.controller.js';
import { StreamController } from './stream/stream.controller.js';
import { TokenController } from './token/token.controller.js';
import { AccountController } from './user/account.controller.js';
import { TraceController } from './trace/trace.controller.js';
import { AttachmentFetcher } from './transfer/attachment.fetcher.js';
import { ExportController } from './transfer/export.controller.js';
import { ImportController } from './transfer/import.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { UserController } from './user/user.controller.js';

/** Callers repeat one app token; its signature need not be checked every time. */
const RECENT_TOKENS = 10_000;

/** The whole wiring of the REST edge. */
@Module({})
export class ApiModule {
  static with(config: ApiServiceConfig): DynamicModule {
    return {
      module: ApiModule,
      imports: [PassportModule],
      controllers: [
        HealthController,
        OpenApiController,
        JwksController,
        TokenController,
        IssuerController,
        UserController,
        AccountController,
        AttributesController,
        MutesController,
        PushController,
        PresenceController,
        ContactController,
        ContactListController,
        BlocklistController,
        OfflineController,
        SessionController,
        MessageController,
        FileController,
        RecallController,
        EditController,
        ReactionController,
        TraceController,
        ...administration,
        HistoryController,
        RemovalController,
        ConversationListController,
        ConversationController,
        PinnedMessageController,
        ExportController,
        ImportController,
        StreamController,
        UsageController,
      ],
      providers: [
        { provide: API_CONFIG, useValue: config.api },
        { provide: Bus, useFactory: () => Bus.connect({ url: config.infrastructure.natsUrl, name: 'api' }) },
        { provide: AUTH_CLIENT, useFactory: () => rpcClient(auth.AuthServiceClient, config.addresses.authRpc) },
        { provide: EXCHANGE_CLIENT, useFactory: () => rpcClient(exchange.TokenExchangeServiceClient, config.addresses.authRpc) },
        { provide: ISSUER_CLIENT, useFactory: () => rpcClient(issuers.IssuerServiceClient, config.addresses.authRpc) },
        { provide: USER_CLIENT, useFactory: () => rpcClient(user.UserServiceClient, config.addresses.userRpc) },
        ...behaviourClients(config.addresses),
        {
          provide: AttachmentFetcher,
          inject: [FileRelay],
          useFactory: (relay: FileRelay) => new AttachmentFetcher(config.api.importOrigins, relay),
        },
        {
          provide: FileRelay,
          inject: [FILE_CLIENT],
          useFactory: (files: FileClient) => new FileRelay(config.addresses.fileHttp, (deadlineMs) => files.waitUntilReady(deadlineMs)),
        },
        {
          provide: TokenVerifier,
          inject: [AUTH_CLIENT],
          useFactory: (client: AuthClient) =>
            new TokenVerifier(async () => (await client.getVerificationKeys({})).jwksJson, { recentTokens: RECENT_TOKENS }),
        },
        { provide: ForeignTokenVerifier, inject: [Bus], useFactory: (bus: Bus) => new ForeignTokenVerifier(exchanging(bus)) },
        {
          provide: RevocationFeed,
          inject: [Bus, TokenVerifier, ForeignTokenVerifier],
          useFactory: (bus: Bus, verifier: TokenVerifier, foreign: ForeignTokenVerifier) => {
            const feed = new RevocationFeed(bus, [requests.userRevocations, requests.appRevocations]);
            refreshKeysOnChange(feed, verifier);
            forgetForeignOnChange(feed, foreign);
            return feed;
          },
        },
        {
          provide: EpochDirectory,
          inject: [Bus, RevocationFeed],
          useFactory: (bus: Bus, feed: RevocationFeed) => new EpochDirectory(bus, feed),
        },
        { provide: AppDirectory, inject: [AUTH_CLIENT, Bus], useFactory: (client: AuthClient, bus: Bus) => new AppDirectory(client, bus) },
        MessageSize,
        { provide: SendService, inject: [Bus], useFactory: (bus: Bus) => new SendService(bus) },
        BearerTokens,
        { provide: AdminClients, useFactory: () => new AdminClients(config.addresses.authRpc) },
        AdminAccess,
        ModerationActs,
        AppTokenStrategy,
        UserTokenStrategy,
        ...rateProviders,
        // In this order: what an address may ask at all, who asks, and whether he has asked too much.
        { provide: APP_GUARD, useClass: AdministrationGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: RateGuard },
        { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
