import { Injectable } from '@nestjs/common';
import type { blocklist } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { BlocklistService } from './blocklist.service.js';

/** Which behaviour answers which call of BlocklistService. */
@Injectable()
export class BlocklistRpc {
  constructor(private readonly service: BlocklistService) {}

  methods(): RpcImplementation<typeof blocklist.BlocklistServiceService> {
    return {
      blockUsers: async (q) => this.service.block(tenantOf(q), q),
      unblockUsers: async (q) => this.service.unblock(tenantOf(q), q),
      listBlocked: async (q) => this.service.list(tenantOf(q), q),
      checkBlocked: async (q) => this.service.check(tenantOf(q), q),
    };
  }
}
