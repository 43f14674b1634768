import { Injectable } from '@nestjs/common';
import type { userUsage } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { UsageService } from './usage.service.js';

@Injectable()
export class UsageRpc {
  constructor(private readonly service: UsageService) {}

  methods(): RpcImplementation<typeof userUsage.UserUsageServiceService> {
    return { getUserUsage: (q) => this.service.of(tenantOf(q), q) };
  }
}
