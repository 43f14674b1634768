import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** Organisations, administrators, apps. What an administrator may not see is not found, whether or not it exists. */
export const administrationErrors = {
  admin_not_found: entry(404, 'not_found', 'Not found', Grpc.notFound),
  admin_forbidden: entry(403, 'forbidden', 'Your role does not have the permission {permission}', Grpc.permissionDenied),
  admin_role_too_high: entry(403, 'forbidden', 'The role {role} is beyond what your role may give, change or take', Grpc.permissionDenied),
  admin_not_a_person: entry(403, 'forbidden', 'An API key has no password and no sessions', Grpc.permissionDenied),
  admin_role_unknown: entry(400, 'illegal_argument', 'role: must be one of {roles}', Grpc.invalidArgument),
  admin_scope_illegal: entry(400, 'illegal_argument', '{detail}', Grpc.invalidArgument),
  admin_login_illegal: entry(
    400,
    'illegal_argument',
    'login: 3 to 100 of letters, digits and . _ + @ -, beginning with a letter or digit',
    Grpc.invalidArgument,
  ),
  admin_login_taken: entry(409, 'conflict', 'There is an administrator {login} already', Grpc.alreadyExists),
  admin_limit: entry(409, 'conflict', 'An organisation has at most {limit} {what}', Grpc.failedPrecondition),
  admin_last_owner: entry(409, 'conflict', 'An organisation keeps at least one owner who can sign in', Grpc.failedPrecondition),
  admin_password_weak: entry(400, 'illegal_argument', 'password: {detail}', Grpc.invalidArgument),
  invitation_invalid: entry(400, 'invalid_invitation', 'The invitation does not exist, was used or withdrawn, or has expired', Grpc.failedPrecondition),

  org_name_illegal: entry(400, 'illegal_argument', 'name: 2 to 32 of letters, digits and hyphens, beginning and ending with a letter or digit', Grpc.invalidArgument),
  org_name_reserved: entry(400, 'illegal_argument', 'name: {name} is reserved', Grpc.invalidArgument),
  org_name_taken: entry(409, 'conflict', 'There is an organisation {name} already', Grpc.alreadyExists),

  org_registration_closed: entry(403, 'forbidden', "Organisations are registered by this platform's operator: ask him", Grpc.permissionDenied),

  app_name_illegal: entry(400, 'illegal_argument', 'app_name: 1 to 32 of letters, digits and hyphens, beginning with a letter or digit', Grpc.invalidArgument),
  app_name_taken: entry(409, 'conflict', 'There is an app {app} already', Grpc.alreadyExists),
  app_limit: entry(409, 'conflict', 'An organisation has at most {limit} apps', Grpc.failedPrecondition),
  app_settings_invalid: entry(400, 'illegal_argument', '{detail}', Grpc.invalidArgument),
  app_secret_limit: entry(409, 'conflict', 'There are two valid secrets: revoke one first', Grpc.failedPrecondition),
  app_secret_last: entry(409, 'conflict', 'It is the only valid secret: make another one first', Grpc.failedPrecondition),
  app_suspended: entry(403, 'forbidden_service_operation', 'the application is suspended', Grpc.failedPrecondition),
  app_purge_marked: entry(409, 'conflict', 'The app is marked for purge: restore it', Grpc.failedPrecondition),
  app_purge_not_marked: entry(409, 'conflict', 'The app is not marked for purge', Grpc.failedPrecondition),
  app_purge_begun: entry(409, 'conflict', 'The purge has begun: nothing can be restored', Grpc.failedPrecondition),

  sign_in_refused: entry(401, 'invalid_credentials', 'Organisation, name or password is wrong', Grpc.unauthenticated),
  sign_in_throttled: entry(429, 'too_many_attempts', 'Too many attempts: try again in {retryAfterSeconds} seconds', Grpc.resourceExhausted, { retryable: true }),

  // Names of RFC 6749, section 5.2.
  oauth_invalid_request: entry(400, 'invalid_request', '{detail}', Grpc.invalidArgument),
  oauth_invalid_client: entry(401, 'invalid_client', 'Client authentication failed', Grpc.unauthenticated),
  oauth_invalid_grant: entry(400, 'invalid_grant', 'The code or token is wrong, was used, has expired, or belongs to another client', Grpc.unauthenticated),
  oauth_grant_unsupported: entry(400, 'unsupported_grant_type', 'grant_type must be authorization_code, refresh_token or client_credentials', Grpc.invalidArgument),
  oauth_token_unsupported: entry(400, 'unsupported_token_type', 'A token of an API key ends by itself, or with the key', Grpc.failedPrecondition),
  oauth_client_unknown: entry(400, 'unauthorized_client', 'The client is not registered', Grpc.failedPrecondition),
  oauth_redirect_mismatch: entry(400, 'invalid_request', 'redirect_uri is not registered for this client', Grpc.failedPrecondition),
} as const satisfies Record<string, CatalogueEntry>;
