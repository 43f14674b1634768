import { Injectable } from '@nestjs/common';
import type { accounts } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { ActivationService } from '../activation/activation.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { ProfileService } from '../profile/profile.service.js';
import { tenantOf } from './tenant.guard.js';

/** Which behaviour answers which call of AccountService. */
@Injectable()
export class AccountRpc {
  constructor(
    private readonly activation: ActivationService,
    private readonly profile: ProfileService,
    private readonly devices: DevicesService,
  ) {}

  methods(): RpcImplementation<typeof accounts.AccountServiceService> {
    return {
      setActivated: async (q) => this.activation.set(tenantOf(q), q.username, q.activated),
      updateUser: async (q) => this.profile.update(tenantOf(q), q.username, q),
      listDevices: async (q) => this.devices.list(tenantOf(q), q.username),
    };
  }
}
