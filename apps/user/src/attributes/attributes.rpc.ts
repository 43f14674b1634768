import { Injectable } from '@nestjs/common';
import type { attributes } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { tenantOf } from '../accounts/tenant.guard.js';
import { AttributesService } from './attributes.service.js';

@Injectable()
export class AttributesRpc {
  constructor(private readonly service: AttributesService) {}

  methods(): RpcImplementation<typeof attributes.AttributeServiceService> {
    return {
      setAttributes: async (q) => ({ attributes: await this.service.set(tenantOf(q), q.username, q.attributes) }),
      getAttributes: async (q) => this.service.get(tenantOf(q), q.usernames, q.keys),
      deleteAttributes: async (q) => {
        await this.service.delete(tenantOf(q), q.username);
        return {};
      },
      getAttributeCapacity: async (q) => ({ bytes: await this.service.capacity(tenantOf(q)) }),
    };
  }
}
