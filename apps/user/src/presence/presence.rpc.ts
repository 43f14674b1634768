import { Injectable } from '@nestjs/common';
import type { presence } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { PresenceService } from './presence.service.js';

@Injectable()
export class PresenceRpc {
  constructor(private readonly service: PresenceService) {}

  methods(): RpcImplementation<typeof presence.PresenceServiceService> {
    return {
      publish: async (q) => {
        await this.service.publish(tenantOf(q), q.username, q.resource, q.status, q.ext);
        return {};
      },
      subscribe: async (q) => this.service.subscribe(tenantOf(q), q.username, q.targets, q.ttlSeconds),
      unsubscribe: async (q) => {
        await this.service.unsubscribe(tenantOf(q), q.username, q.targets);
        return {};
      },
      getStates: async (q) => this.service.states(tenantOf(q), q.username, q.targets),
      listSubscriptions: async (q) => this.service.list(tenantOf(q), q.username, q.page, q.pageSize),
    };
  }
}
