import { Injectable } from '@nestjs/common';
import type { push } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { PushBindingService } from './push-binding.service.js';
import { ProfileService } from '../profile/profile.service.js';

/** Which behaviour answers which call of PushService. */
@Injectable()
export class PushRpc {
  constructor(
    private readonly bindings: PushBindingService,
    private readonly profile: ProfileService,
  ) {}

  methods(): RpcImplementation<typeof push.PushServiceService> {
    return {
      setPushBinding: async (q) => ({ bindings: await this.bindings.set(tenantOf(q), q.username, q.change) }),
      listPushBindings: async (q) => ({ bindings: await this.bindings.list(tenantOf(q), q.username) }),
      setPushLanguage: async (q) => ({ language: await this.profile.setPushLanguage(tenantOf(q), q.username, q.language) }),
      getPushLanguage: async (q) => ({ language: await this.profile.pushLanguage(tenantOf(q), q.username) }),
      setPushNicknames: async (q) => ({ nicknames: await this.profile.setPushNicknames(tenantOf(q), q.nicknames) }),
    };
  }
}
