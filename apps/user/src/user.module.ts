import { type DynamicModule, Module } from '@nestjs/common';
import { AppSettingsDirectory } from '@parley/app-settings';
import { Bus } from '@parley/bus';
import { prismaAdapter, transactionOptions } from '@parley/db';
import { SecretHasher } from '@parley/tokens';
import { Pool } from 'pg';
import { AccountRpc } from './accounts/account.rpc.js';
import { AccountStore } from './accounts/account.store.js';
import { ActivationService } from './activation/activation.service.js';
import { AttributesRpc } from './attributes/attributes.rpc.js';
import { AttributesService } from './attributes/attributes.service.js';
import { AttributesStore } from './attributes/attributes.store.js';
import { BlocklistRpc } from './blocklist/blocklist.rpc.js';
import { BlocklistService } from './blocklist/blocklist.service.js';
import { BlocklistStore } from './blocklist/blocklist.store.js';
import type { ServiceConfig } from './config.js';
import { ContactCourier } from './contact-news/contact-courier.js';
import { ContactListStore } from './contacts/contact-list.store.js';
import { ContactRpc } from './contacts/contact.rpc.js';
import { ContactService } from './contacts/contact.service.js';
import { ContactStore } from './contacts/contact.store.js';
import { DeletionService } from './deletion/deletion.service.js';
import { DeletionStore } from './deletion/deletion.store.js';
import { DepartureStore } from './deletion/departure.store.js';
import { DevicesService } from './devices/devices.service.js';
import { PrismaClient } from './generated/client.js';
import { Housekeeping } from './housekeeping.js';
import { LeaseService } from './leases/lease.service.js';
import { LeaseStore } from './leases/lease.store.js';
import { ListingService } from './listing/listing.service.js';
import { MutesRpc } from './mutes/mutes.rpc.js';
import { MutesService } from './mutes/mutes.service.js';
import { MutesStore } from './mutes/mutes.store.js';
import { PasswordService } from './password/password.service.js';
import { PolicyNews } from './policy/policy.news.js';
import { PolicyService } from './policy/policy.service.js';
import { AudienceStore } from './presence/audience.store.js';
import { DueStore } from './presence/due.store.js';
import { OnlineStatusService } from './presence/online-status.service.js';
import { PresenceFarewell } from './presence/presence.farewell.js';
import { PresenceNews } from './presence/presence.news.js';
import { PresenceRpc } from './presence/presence.rpc.js';
import { PresenceService } from './presence/presence.service.js';
import { PresenceStore } from './presence/presence.store.js';
import { PresenceTeller } from './presence/presence.teller.js';
import { SubscriptionStore } from './presence/subscription.store.js';
import { PushBindingService } from './push-binding/push-binding.service.js';
import { PushBindingStore } from './push-binding/push-binding.store.js';
import { PushRpc } from './push-binding/push.rpc.js';
import { ProfileService } from './profile/profile.service.js';
import { RegistrationService } from './registration/registration.service.js';
import { NameNews } from './resolving/name.news.js';
import { ResolvingService } from './resolving/resolving.service.js';
import { RevocationService } from './revocation/revocation.service.js';
import { RevocationStore } from './revocation/revocation.store.js';
import { Kicks } from './sessions/kicks.js';
import { SessionStore } from './sessions/session.store.js';
import { SessionsService } from './sessions/sessions.service.js';
import { TokenOwnerRpc } from './token-owner/token-owner.rpc.js';
import { TokenOwnerService } from './token-owner/token-owner.service.js';
import { QuotaDirectory } from './usage/quotas.js';
import { UsageRpc } from './usage/usage.rpc.js';
import { UsageService } from './usage/usage.service.js';
import { UsageStore } from './usage/usage.store.js';
import { UserRpc } from './user.rpc.js';
import { USER_CONFIG } from './user.tokens.js';

/** The PostgreSQL schema that belongs to this service ("user" is a reserved word there). */
export const SCHEMA = 'users';

/** The whole wiring. `pool` and `bus` are opened and closed by the caller. */
@Module({})
export class UserModule {
  static with(config: ServiceConfig, pool: Pool, bus: Bus): DynamicModule {
    const adapter = prismaAdapter({ url: config.infrastructure.databaseUrl, schema: SCHEMA, max: config.user.poolSize });
    return {
      module: UserModule,
      providers: [
        { provide: USER_CONFIG, useValue: config.user },
        { provide: Pool, useValue: pool },
        { provide: Bus, useValue: bus },
        { provide: PrismaClient, useValue: new PrismaClient({ adapter, transactionOptions }) },
        { provide: SecretHasher, useValue: new SecretHasher({ concurrency: config.user.hashConcurrency, costLog2: config.user.hashCostLog2 }) },
        { provide: AppSettingsDirectory, useValue: new AppSettingsDirectory(bus) },
        // stores
        AccountStore,
        AttributesStore,
        BlocklistStore,
        ContactListStore,
        ContactStore,
        DeletionStore,
        DepartureStore,
        MutesStore,
        LeaseStore,
        PresenceStore,
        SubscriptionStore,
        AudienceStore,
        DueStore,
        PushBindingStore,
        RevocationStore,
        SessionStore,
        UsageStore,
        // behaviours
        ActivationService,
        AttributesService,
        BlocklistService,
        ContactCourier,
        ContactService,
        DevicesService,
        MutesService,
        ProfileService,
        PushBindingService,
        LeaseService,
        PresenceService,
        PresenceNews,
        PresenceTeller,
        PresenceFarewell,
        RegistrationService,
        ListingService,
        DeletionService,
        PasswordService,
        OnlineStatusService,
        PolicyNews,
        PolicyService,
        NameNews,
        ResolvingService,
        RevocationService,
        TokenOwnerService,
        SessionsService,
        QuotaDirectory,
        UsageService,
        Kicks,
        Housekeeping,
        // doors
        UserRpc,
        TokenOwnerRpc,
        AccountRpc,
        AttributesRpc,
        MutesRpc,
        PushRpc,
        PresenceRpc,
        ContactRpc,
        BlocklistRpc,
        UsageRpc,
      ],
    };
  }
}
