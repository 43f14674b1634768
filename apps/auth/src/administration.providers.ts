import { AccessService } from './access/access.service.js';
import { AdminRpc } from './admin.rpc.js';
import { AdministratorStore } from './administrators/administrator.store.js';
import { AdministratorsService } from './administrators/administrators.service.js';
import { AppAdministrationService } from './apps/app-administration.service.js';
import { SettingsService } from './apps/settings.service.js';
import { Acts } from './audit/acts.js';
import { AuditService } from './audit/audit.service.js';
import { Housekeeping } from './housekeeping.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OAuthService } from './oauth/oauth.service.js';
import { OperatorService } from './operator/operator.service.js';
import { OrganisationsService } from './organisations/organisations.service.js';
import { PurgeService } from './purge/purge.service.js';
import { RegistrationsRpc } from './registrations/registrations.rpc.js';
import { RegistrationsService } from './registrations/registrations.service.js';
import { SecretsService } from './secrets/secrets.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { ThrottleStore } from './sign-in/throttle.store.js';

/** What administers organisations and apps, as part of the module's wiring. */
export const administration = [
  // stores
  AdministratorStore,
  ThrottleStore,
  Acts,
  // behaviours
  AccessService,
  AdministratorsService,
  AppAdministrationService,
  AuditService,
  InvitationsService,
  OAuthService,
  OperatorService,
  OrganisationsService,
  PurgeService,
  RegistrationsService,
  SecretsService,
  SessionsService,
  SettingsService,
  SignInService,
  Housekeeping,
  // doors
  AdminRpc,
  RegistrationsRpc,
];
