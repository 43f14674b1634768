import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Bus, requests } from '@parley/bus';
import type { FastifyReply } from 'fastify';
import { AUTH_CLIENT, USER_CLIENT, type AuthClient, type UserClient } from '../clients.js';

const READY_WITHIN_MS = 2_000;

@Controller('health')
export class HealthController {
  constructor(
    @Inject(Bus) private readonly bus: Bus,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(USER_CLIENT) private readonly users: UserClient,
  ) {}

  @Get('live')
  live() {
    return { status: 'live' };
  }

  /** Ready when everything that an operation needs answers: auth, user and message service. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    try {
      await Promise.all([
        this.auth.getVerificationKeys({}, { deadlineMs: READY_WITHIN_MS }),
        this.users.waitUntilReady(READY_WITHIN_MS),
        this.bus.request(requests.resolveUsers, { names: [] }, { timeoutMs: READY_WITHIN_MS }),
        this.bus.request(requests.unread, { devices: [] }, { timeoutMs: READY_WITHIN_MS }),
      ]);
      void reply.status(200).send({ status: 'ready' });
    } catch {
      void reply.status(503).send({ status: 'not ready' });
    }
  }
}
