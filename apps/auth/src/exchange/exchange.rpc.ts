import { Injectable } from '@nestjs/common';
import type { exchange } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { RpcImplementation } from '@parley/rpc';
import { TokensService } from '../tokens/tokens.service.js';
import { ACCESS_TOKEN2_PREFIX } from './access-token2.js';
import { ExchangeService } from './exchange.service.js';

/** TokenExchangeService over gRPC. */
@Injectable()
export class ExchangeRpc {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly tokens: TokensService,
  ) {}

  methods(): RpcImplementation<typeof exchange.TokenExchangeServiceService> {
    return {
      issueForAccessToken2: async (asked) => {
        if (!asked.token.startsWith(ACCESS_TOKEN2_PREFIX)) throw new DomainError('token_corrupt');
        const { app, owner, expiresAtMs } = await this.exchange.verify(asked);
        const ttlSeconds = BigInt(Math.max(1, Math.floor((expiresAtMs - Date.now()) / 1_000)));
        return { issued: await this.tokens.issue(app, ttlSeconds, owner), expiresMs: BigInt(expiresAtMs) };
      },
    };
  }
}
