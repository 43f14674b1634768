import { Injectable } from '@nestjs/common';
import type { user } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from './accounts/tenant.guard.js';
import { DeletionService } from './deletion/deletion.service.js';
import { ListingService } from './listing/listing.service.js';
import { PasswordService } from './password/password.service.js';
import { OnlineStatusService } from './presence/online-status.service.js';
import { RegistrationService } from './registration/registration.service.js';
import { SessionsService } from './sessions/sessions.service.js';

/** Which behaviour answers which call of UserService. */
@Injectable()
export class UserRpc {
  constructor(
    private readonly registration: RegistrationService,
    private readonly listing: ListingService,
    private readonly deletion: DeletionService,
    private readonly password: PasswordService,
    private readonly onlineStatus: OnlineStatusService,
    private readonly sessions: SessionsService,
  ) {}

  methods(): RpcImplementation<typeof user.UserServiceService> {
    return {
      registerUsers: async (q) => this.registration.register(tenantOf(q), q),
      ensureUser: async (q) => this.registration.ensure(tenantOf(q), q.username, q.autoCreate),
      getUser: async (q) => this.listing.get(tenantOf(q), q.username),
      listUsers: async (q) => this.listing.list(tenantOf(q), q.limit, q.cursor),
      deleteUser: async (q) => this.deletion.deleteOne(tenantOf(q), q.username),
      deleteUsers: async (q) => this.deletion.deleteOldest(tenantOf(q), q.limit, q.cursor),
      setPassword: async (q) => {
        await this.password.set(tenantOf(q), q.username, q.newPassword);
        return {};
      },
      verifyPassword: async (q) => this.password.verify(tenantOf(q), q.username, q.password),
      getOnlineStatus: async (q) => this.onlineStatus.statuses(tenantOf(q), q.usernames),
      disconnect: async (q) => this.sessions.disconnect(tenantOf(q), q.username, q.resource),
    };
  }
}
