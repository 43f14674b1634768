import { Injectable } from '@nestjs/common';
import type { accounts } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { AccountStore } from '../accounts/account.store.js';
import { PrismaClient } from '../generated/client.js';

/** More than the device limit of any app with all its platforms would show. */
const MOST_DEVICES = 500;

/** The devices on which a user is signed in. */
@Injectable()
export class DevicesService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly prisma: PrismaClient,
  ) {}

  /** First signed in first. @throws DomainError user_not_found */
  async list(tenant: TenantRef, name: string): Promise<accounts.ListDevicesResponse> {
    const found = await this.accounts.find(tenant, name);
    if (!found) throw new DomainError('user_not_found', { username: name });
    const devices = await this.prisma.device.findMany({
      where: { appId: tenant.appId, userId: found.userId, loggedOutAt: null },
      orderBy: [{ loggedInAt: 'asc' }, { resource: 'asc' }],
      take: MOST_DEVICES,
    });
    return { devices: devices.map(({ resource, deviceUuid, deviceName }) => ({ resource, deviceUuid, deviceName })) };
  }
}
