import { AuthorizeController } from '../oauth/authorize.controller.js';
import { OAuthController } from '../oauth/oauth.controller.js';
import { AdministratorsController } from './administrators/administrators.controller.js';
import { InvitationsController } from './administrators/invitations.controller.js';
import { KeysController } from './administrators/keys.controller.js';
import { AppsController } from './apps/apps.controller.js';
import { CertificatesController } from './apps/certificates.controller.js';
import { SecretsController } from './apps/secrets.controller.js';
import { SettingsController } from './apps/settings.controller.js';
import { MeController } from './me/me.controller.js';
import { ContentController } from './moderation/content.controller.js';
import { ModerationController } from './moderation/moderation.controller.js';
import { OrganisationsController } from './organisations/organisations.controller.js';
import { RegistrationsController } from './organisations/registrations.controller.js';

/** The doors of administration, as part of the module's wiring. */
export const administration = [
  AuthorizeController,
  OAuthController,
  MeController,
  OrganisationsController,
  RegistrationsController,
  AdministratorsController,
  InvitationsController,
  KeysController,
  AppsController,
  SettingsController,
  SecretsController,
  CertificatesController,
  ContentController,
  ModerationController,
];
