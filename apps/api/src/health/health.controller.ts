import { Controller, Inject } from '@nestjs/common';
import { Bus, requests } from '@parley/bus';
import { DomainError } from '@parley/errors';
import { z } from 'zod';
import { AUTH_CLIENT, type AuthClient, USER_CLIENT, type UserClient } from '../clients.js';
import { Operation } from '../http/operation.js';

const READY_WITHIN_MS = 2_000;
const answer = z.object({ status: z.string() });

@Controller()
export class HealthController {
  #checking: Promise<unknown> | undefined;

  constructor(
    @Inject(Bus) private readonly bus: Pick<Bus, 'request'>,
    @Inject(AUTH_CLIENT) private readonly auth: Pick<AuthClient, 'getVerificationKeys'>,
    @Inject(USER_CLIENT) private readonly users: Pick<UserClient, 'waitUntilReady'>,
  ) {}

  @Operation('GET', '/health/live', { summary: 'The process runs', access: ['public'], root: true, bare: true, answer })
  live() {
    return { status: 'live' };
  }

  @Operation('GET', '/health/ready', {
    summary: 'Everything that an operation needs answers: auth, user and message service',
    access: ['public'],
    root: true,
    bare: true,
    answer,
  })
  async ready() {
    // Whoever asks meanwhile gets the same answer: health checks must not become load.
    this.#checking ??= this.check().finally(() => (this.#checking = undefined));
    await this.#checking.catch((cause: unknown) => {
      throw new DomainError('unavailable', {}, { cause });
    });
    return { status: 'ready' };
  }

  private check(): Promise<unknown> {
    const timeoutMs = READY_WITHIN_MS;
    return Promise.all([
      this.auth.getVerificationKeys({}, { deadlineMs: timeoutMs }),
      this.users.waitUntilReady(timeoutMs),
      this.bus.request(requests.resolveUsers, { names: [] }, { timeoutMs }),
      this.bus.request(requests.unread, { devices: [{ appId: 0, userId: 0n, resource: '' }] }, { timeoutMs }),
    ]);
  }
}
