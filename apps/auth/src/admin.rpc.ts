import { Injectable } from '@nestjs/common';
import type { adminAccess, appAdmin, organisations } from '@parley/contracts';
import type { RpcImplementation } from '@parley/rpc';
import { AccessService } from './access/access.service.js';
import { AdministratorsService } from './administrators/administrators.service.js';
import { AppAdministrationService } from './apps/app-administration.service.js';
import { SettingsService } from './apps/settings.service.js';
import { Acts } from './audit/acts.js';
import { AuditService } from './audit/audit.service.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OAuthService } from './oauth/oauth.service.js';
import { OrganisationsService } from './organisations/organisations.service.js';
import { PurgeService } from './purge/purge.service.js';
import { SecretsService } from './secrets/secrets.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService } from './sign-in/sign-in.service.js';

/** The gRPC door of administration: which call is which behaviour. */
@Injectable()
export class AdminRpc {
  constructor(
    private readonly access: AccessService,
    private readonly oauth: OAuthService,
    private readonly organisations: OrganisationsService,
    private readonly administrators: AdministratorsService,
    private readonly invitations: InvitationsService,
    private readonly signIns: SignInService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly apps: AppAdministrationService,
    private readonly settings: SettingsService,
    private readonly secrets: SecretsService,
    private readonly purge: PurgeService,
    private readonly acts: Acts,
  ) {}

  accessMethods(): RpcImplementation<typeof adminAccess.AdminAccessServiceService> {
    return {
      authorize: async (q) => this.access.authorize(q),
      noteAct: async ({ actor, act, org, app, target, detailJson, outcome }) => {
        await this.acts.note(actor!, { name: act, org, app, target, detail: JSON.parse(detailJson) as Record<string, string | number> }, outcome);
        return {};
      },
      checkClient: async (q) => this.oauth.checkClient(q),
      signIn: async (q) => this.oauth.signIn(q),
      exchangeCode: async (q) => this.oauth.exchangeCode(q),
      refreshTokens: async (q) => this.oauth.refresh(q),
      issueKeyToken: async (q) => this.oauth.issueKeyToken(q),
      revokeToken: async (q) => {
        await this.oauth.revoke(q);
        return {};
      },
    };
  }

  organisationMethods(): RpcImplementation<typeof organisations.OrganisationServiceService> {
    return {
      createOrganisation: async (q) => this.organisations.create(q),
      listOrganisations: async (q) => this.organisations.list(q),
      getOrganisation: async (q) => this.organisations.get(q),
      updateOrganisation: async (q) => this.organisations.update(q),
      listAdministrators: async (q) => this.administrators.list(q),
      getAdministrator: async (q) => this.administrators.get(q),
      updateAdministrator: async (q) => this.administrators.update(q),
      removeAdministrator: async (q) => this.administrators.remove(q),
      invite: async (q) => this.invitations.invite(q),
      listInvitations: async (q) => this.invitations.list(q),
      withdrawInvitation: async (q) => this.invitations.withdraw(q),
      acceptInvitation: async (q) => this.invitations.accept(q),
      createKey: async (q) => this.administrators.createKey(q),
      changePassword: async (q) => {
        await this.signIns.changePassword(q);
        return {};
      },
      listSessions: async (q) => this.sessions.list(q),
      endSessions: async (q) => this.sessions.end(q),
      readAudit: async (q) => this.audit.read(q),
    };
  }

  appMethods(): RpcImplementation<typeof appAdmin.AppAdminServiceService> {
    return {
      createApp: async (q) => this.apps.create(q),
      listApps: async (q) => this.apps.list(q),
      getApp: async (q) => this.apps.get(q),
      updateApp: async (q) => this.apps.update(q),
      getSettings: async (q) => this.settings.get(q),
      changeSettings: async (q) => this.settings.change(q),
      listSecrets: async (q) => this.secrets.list(q),
      createSecret: async (q) => this.secrets.create(q),
      revokeSecret: async (q) => this.secrets.revoke(q),
      suspendApp: async (q) => this.purge.suspend(q),
      resumeApp: async (q) => this.purge.resume(q),
      markForPurge: async (q) => this.purge.mark(q),
      restoreApp: async (q) => this.purge.restore(q),
    };
  }
}
