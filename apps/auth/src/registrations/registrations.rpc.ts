import { Injectable } from '@nestjs/common';
import type { registrations } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { RegistrationsService } from './registrations.service.js';

/** RegistrationService over gRPC. */
@Injectable()
export class RegistrationsRpc {
  constructor(private readonly registrations: RegistrationsService) {}

  methods(): RpcImplementation<typeof registrations.RegistrationServiceService> {
    return {
      register: async (q) => this.registrations.register(q),
      listRegistrations: async (q) => this.registrations.list(q),
      approveRegistration: async (q) => this.registrations.approve(q),
      refuseRegistration: async (q) => this.registrations.refuse(q),
    };
  }
}
