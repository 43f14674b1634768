import { type CatalogueEntry, entry, Grpc } from './entry.js';

const OAUTH = 'Unable to authenticate (OAuth)';

/** Errors that any call may have. */
export const anyCallErrors = {
  unauthorized: entry(401, 'unauthorized', OAUTH, Grpc.unauthenticated),
  token_missing: entry(401, 'unauthorized', 'Unable to authenticate due to expired access token', Grpc.unauthenticated),
  token_expired: entry(401, 'unauthorized', 'Unable to authenticate due to expired access token', Grpc.unauthenticated),
  token_corrupt: entry(401, 'auth_bad_access_token', 'Unable to authenticate due to corrupt access token', Grpc.unauthenticated),
  token_not_issued_here: entry(401, 'auth_bad_access_token', 'Unable to authenticate', Grpc.unauthenticated),
  tls_required: entry(403, 'forbidden_op', 'use https, or the proxy in front of this server', Grpc.permissionDenied),
  organization_application_not_found: entry(
    404,
    'organization_application_not_found',
    'Could not find application for {org}/{app} from URI: {org}/{app}/{path}',
    Grpc.notFound,
  ),
  user_not_found: entry(404, 'service_resource_not_found', 'Service resource not found', Grpc.notFound, {
    exception: 'UserNotFoundException',
  }),
  path_not_found: entry(404, 'service_resource_not_found', 'Service resource not found', Grpc.notFound),
  method_not_allowed: entry(405, 'unsupported_service_operation', 'Service operation not supported', Grpc.unimplemented),
  json_parse: entry(400, 'json_parse', '{detail}', Grpc.invalidArgument),
  invalid_request_body: entry(400, 'invalid_request_body', 'Request body is invalid. Please check body is correct.', Grpc.invalidArgument),
  illegal_argument: entry(400, 'illegal_argument', '{detail}', Grpc.invalidArgument),
  payload_too_large: entry(413, 'payload_too_large', 'request body exceeds {limit} bytes', Grpc.resourceExhausted),
  unsupported_media_type: entry(415, 'web_application', 'javax.ws.rs.WebApplicationException', Grpc.invalidArgument),
  rate_limited: entry(429, 'reach_limit', 'This request has reached api limit.', Grpc.resourceExhausted, { retryable: true }),
  internal: entry(500, 'internal_error', 'internal error', Grpc.internal),
  unavailable: entry(503, 'service_unavailable', 'service is temporarily unavailable, please try again', Grpc.unavailable, {
    retryable: true,
    msync: { code: 1, reason: 'service is temporarily unavailable' },
  }),
} as const satisfies Record<string, CatalogueEntry>;
