import { Injectable } from '@nestjs/common';
import type { tokenOwner } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { TokenOwnerService } from './token-owner.service.js';

/** TokenOwnerService over gRPC. */
@Injectable()
export class TokenOwnerRpc {
  constructor(private readonly owners: TokenOwnerService) {}

  methods(): RpcImplementation<typeof tokenOwner.TokenOwnerServiceService> {
    return { findTokenOwner: async (q) => this.owners.find(tenantOf(q), q) };
  }
}
