import { Injectable } from '@nestjs/common';
import type { mutes } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { MutesService } from './mutes.service.js';

@Injectable()
export class MutesRpc {
  constructor(private readonly service: MutesService) {}

  methods(): RpcImplementation<typeof mutes.MuteServiceService> {
    return {
      setMutes: async (q) => {
        await this.service.set(tenantOf(q), q.username, q.mutes);
        return {};
      },
      getMutes: async (q) => ({ mutes: await this.service.get(tenantOf(q), q.username) }),
      listMutes: async (q) => ({ mutes: await this.service.list(tenantOf(q), q.page, q.pageSize) }),
    };
  }
}
