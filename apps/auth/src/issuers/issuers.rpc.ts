import { Inject, Injectable } from '@nestjs/common';
import type { issuers } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { RpcImplementation } from '@parley/rpc';
import { AppsService } from '../apps/apps.service.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import type { TokenIssuer } from '../generated/client.js';
import { AppRevocationService } from '../revocation/app-revocation.service.js';
import { checkIssuer } from './issuer.rules.js';
import { IssuerStore } from './issuer.store.js';

/** IssuerService: the identity providers of an app, as its owner sets them. */
@Injectable()
export class IssuersRpc {
  constructor(
    private readonly apps: AppsService,
    private readonly store: IssuerStore,
    private readonly revocation: AppRevocationService,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  methods(): RpcImplementation<typeof issuers.IssuerServiceService> {
    return {
      listIssuers: async ({ tenant }) => {
        const { appId } = await this.apps.get(tenant);
        return { issuers: (await this.store.all(appId)).map(toIssuer) };
      },
      putIssuer: async ({ tenant, issuer }) => {
        const { appId } = await this.apps.get(tenant);
        if (!issuer) throw new DomainError('illegal_argument', { detail: 'issuer: must be provided' });
        const stored = await this.store.put({ appId, ...checkIssuer(issuer, this.config.jwksLoopback) });
        await this.revocation.announce(appId);
        return toIssuer(stored);
      },
      removeIssuer: async ({ tenant, issuer }) => {
        const { appId } = await this.apps.get(tenant);
        await this.store.remove(appId, issuer);
        await this.revocation.announce(appId);
        return {};
      },
    };
  }
}

function toIssuer(row: TokenIssuer): issuers.Issuer {
  return {
    issuer: row.issuer,
    audiences: row.audiences,
    jwksUrl: row.jwksUrl ?? '',
    jwksJson: row.jwks === null ? '' : JSON.stringify(row.jwks),
    usernameClaim: row.usernameClaim,
    autoCreate: row.autoCreate,
  };
}
