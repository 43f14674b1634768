import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** Tokens. */
export const tokenErrors = {
  grant_type_unsupported: entry(400, 'invalid_grant', 'grant_type {grantType} is not supported', Grpc.invalidArgument),
  client_id_required: entry(400, 'illegal_argument', 'client_id must be provided.', Grpc.invalidArgument),
  client_secret_required: entry(400, 'illegal_argument', 'client_secret must be provided', Grpc.invalidArgument),
  client_id_mismatch: entry(400, 'invalid_grant', 'client_id does not match', Grpc.unauthenticated),
  client_secret_mismatch: entry(400, 'invalid_grant', 'client_secret does not match', Grpc.unauthenticated),
  invalid_password: entry(400, 'invalid_grant', 'invalid password', Grpc.unauthenticated),
  user_not_activated: entry(400, 'invalid_grant', 'user not activated', Grpc.failedPrecondition),
  token_user_not_found: entry(404, 'invalid_grant', 'user not found', Grpc.notFound),
  entity_user_not_found: entry(404, 'entity_not_found', 'User null not found', Grpc.notFound),
  concurrent_create: entry(409, 'concurrent_operation_error', 'concurrency create app user failed', Grpc.aborted, { retryable: true }),
  key_not_found: entry(404, 'entity_not_found', 'signing key {kid} not found', Grpc.notFound),
  certificate_limit: entry(403, 'exceed_limit', 'an app has at most {most} certificates, revoke one first', Grpc.failedPrecondition),
  certificate_not_found: entry(404, 'entity_not_found', 'certificate not found', Grpc.notFound),
  secrets_not_sealed: entry(
    403,
    'forbidden_op',
    'this server has no key to encrypt certificates with (PARLEY_AUTH_KEY_ENCRYPTION_KEY)',
    Grpc.failedPrecondition,
  ),
  token_issuer_limit: entry(403, 'exceed_limit', 'an app has at most {most} token issuers', Grpc.failedPrecondition),
} as const satisfies Record<string, CatalogueEntry>;
