import { Injectable } from '@nestjs/common';
import { TokenVerifier } from '@parley/tokens';
import type { Query } from '../../http/call.js';
import { bodyFor } from '../../http/form-body.js';
import type { Operation } from '../../http/operation.js';
import { ADMIN_CALL, type AdminRequest, bearerOf, originOf } from './admin-call.js';
import { AdminClients } from './admin-clients.js';

/**
 * Lets administrators in: the token is verified here, all else is asked of auth for each call, so that what was taken away
 * is gone at once. Such calls are few.
 */
@Injectable()
export class AdminAccess {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly clients: AdminClients,
  ) {}

  /** @throws DomainError those of tokens, unauthorized, admin_not_found, admin_forbidden */
  async admit(operation: Operation, request: AdminRequest): Promise<void> {
    const { org, adminId, sessionId, epoch } = await this.verifier.verifyAdmin(bearerOf(request));
    const params = request.params as Record<string, string>;
    const permission = operation.admin === 'self' ? '' : operation.admin!;
    const { actor, tenant, targetOrg } = await this.clients.access.authorize({
      org,
      adminId,
      sessionId: sessionId ?? '',
      epoch,
      permission,
      targetOrg: params['org'] ?? org,
      targetApp: params['app'] ?? '',
      origin: originOf(request),
    });
    request[ADMIN_CALL] = { actor: actor!, org: targetOrg || org, app: tenant, params, query: request.query as Query, body: bodyFor(operation, request.body) };
  }
}
