import { Injectable } from '@nestjs/common';
import type { auth } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { AppsService } from './apps/apps.service.js';
import { KeysService } from './keys/keys.service.js';
import { TokensService } from './tokens/tokens.service.js';

/** Which behaviour answers which call of AuthService. */
@Injectable()
export class AuthRpc {
  constructor(
    private readonly apps: AppsService,
    private readonly keys: KeysService,
    private readonly tokens: TokensService,
  ) {}

  methods(): RpcImplementation<typeof auth.AuthServiceService> {
    return {
      resolveApp: async ({ org, app }) => this.apps.resolve(org, app),
      ensureApp: async (q) => this.apps.ensure(q),
      issueAppToken: async (q) => this.tokens.forApp(q),
      issueUserTokenByPassword: async (q) => this.tokens.byPassword(q),
      issueUserTokenByName: async (q) => this.tokens.byName(q),
      getVerificationKeys: async () => ({ jwksJson: await this.keys.jwksJson() }),
    };
  }
}
