/** gRPC status numbers in use (google.rpc.Code). */
const Grpc = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** One kind of error, at every edge. Texts are wire values that callers match on: {name} is filled from the parameters. */
export interface CatalogueEntry {
  readonly http: number;
  readonly error: string;
  readonly description: string;
  /** Java-style class name that the vendor's clients expect to find; they do not rely on it. */
  readonly exception: string;
  /** Number of the newer message errors. */
  readonly errorCode?: number;
  readonly grpc: number;
  /** The answer to a send over MSYNC. Without it the general refusal is used. */
  readonly msync?: { readonly code: number; readonly reason: string };
  /** The same call may succeed later. */
  readonly retryable: boolean;
}

type Rest = Pick<CatalogueEntry, 'http' | 'error' | 'description'>;
type More = Partial<Pick<CatalogueEntry, 'errorCode' | 'msync' | 'retryable' | 'exception'>>;

function entry(http: number, error: string, description: string, grpc: number, more: More = {}): CatalogueEntry {
  const rest: Rest = { http, error, description };
  return { ...rest, exception: more.exception ?? exceptionOf(error), grpc, retryable: false, ...more };
}

function exceptionOf(error: string): string {
  const words = error.split(/[_ ]/).filter((word) => word !== '');
  return `${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}Exception`;
}

const OAUTH = 'Unable to authenticate (OAuth)';

/** Every error that Parley knows: facts of the protocol, as data. docs/errors.md is printed from it. */
export const catalogue = {
  // --- any call
  unauthorized: entry(401, 'unauthorized', OAUTH, Grpc.unauthenticated),
  token_missing: entry(401, 'unauthorized', 'Unable to authenticate due to expired access token', Grpc.unauthenticated),
  token_expired: entry(401, 'unauthorized', 'Unable to authenticate due to expired access token', Grpc.unauthenticated),
  token_corrupt: entry(401, 'auth_bad_access_token', 'Unable to authenticate due to corrupt access token', Grpc.unauthenticated),
  token_not_issued_here: entry(401, 'auth_bad_access_token', 'Unable to authenticate', Grpc.unauthenticated),
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

  // --- tokens
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

  // --- users
  username_illegal: entry(400, 'illegal_argument', 'username [{username}] is not legal', Grpc.invalidArgument),
  username_too_long: entry(400, 'illegal_argument', 'USERNAME_TOO_LONG', Grpc.invalidArgument),
  password_required: entry(400, 'illegal_argument', 'password or pin must provided', Grpc.invalidArgument),
  password_too_long: entry(400, 'illegal_argument', 'PASSWORD_TOO_LONG', Grpc.invalidArgument),
  nickname_too_long: entry(400, 'illegal_argument', 'NICKNAME_TOO_LONG', Grpc.invalidArgument),
  username_taken: entry(
    400,
    'duplicate_unique_property_exists',
    'Application {appUuid} Entity user requires that property named username be unique, value of {username} exists',
    Grpc.alreadyExists,
  ),
  same_user_different_password: entry(
    400,
    'duplicate_unique_property_exists',
    'the same user {username} has a different password, the passwords are {passwords}',
    Grpc.invalidArgument,
  ),
  batch_too_large: entry(
    400,
    'illegal_argument',
    'Request body array size[{size}] had almost reached or been greater than the upper range value[60]',
    Grpc.invalidArgument,
  ),
  registration_not_open: entry(401, 'unauthorized', 'registration is not open, please contact the app admin', Grpc.permissionDenied),
  registration_needs_token: entry(
    401,
    'unauthorized',
    "Open registration doesn't allow, so register user need token",
    Grpc.unauthenticated,
  ),
  token_of_other_app: entry(401, 'unauthorized', 'token is illegal.', Grpc.permissionDenied),
  delete_user_not_found: entry(400, 'management', 'User with id null does not exist in app {appUuid}', Grpc.notFound),
  new_password_required: entry(400, 'illegal_argument', 'newpassword is required', Grpc.invalidArgument),
  status_batch_too_large: entry(
    400,
    'illegal_argument',
    'request body exceeds maximum limit, maximum limit is 100',
    Grpc.invalidArgument,
  ),

  // --- messages over REST
  message_from_empty: entry(400, 'message_send_error', "param from can't be empty", Grpc.invalidArgument, { errorCode: 14001 }),
  message_to_empty: entry(400, 'message_send_error', "param to can't be empty", Grpc.invalidArgument, { errorCode: 14002 }),
  message_type_empty: entry(400, 'message_send_error', "param type can't be empty", Grpc.invalidArgument),
  message_type_unsupported: entry(400, 'message_send_error', 'param type {type} is not supported', Grpc.invalidArgument),
  message_body_empty: entry(400, 'message_send_error', "param body can't be empty", Grpc.invalidArgument, { errorCode: 14005 }),
  message_ext_not_object: entry(400, 'message_send_error', 'param ext must be JSONObject', Grpc.invalidArgument),
  message_too_large: entry(400, 'message_send_error', 'message is too large', Grpc.invalidArgument, { errorCode: 14007 }),
  message_too_many_targets: entry(400, 'message_send_error', "params to's size can't exceed limit {limit}", Grpc.invalidArgument),

  // --- messages over MSYNC: the reason is what clients match
  send_failed: entry(500, 'message_send_error', 'message could not be sent', Grpc.internal, { msync: { code: 1, reason: 'send failed' } }),
  recipient_not_found: entry(404, 'service_resource_not_found', "username {username} doesn't exist!", Grpc.notFound, {
    msync: { code: 1, reason: "username {username} doesn't exist!" },
  }),
  group_not_found: entry(404, 'resource_not_found', 'group not found', Grpc.notFound, { msync: { code: 1, reason: 'group not found' } }),
  room_not_found: entry(404, 'resource_not_found', 'grpID {id} does not exist!', Grpc.notFound, {
    msync: { code: 1, reason: 'grpID {id} does not exist!' },
  }),
  format_incorrect: entry(400, 'illegal_argument', 'format is incorrect', Grpc.invalidArgument, {
    msync: { code: 1, reason: 'Sorry, format is incorrect' },
  }),
  recall_disabled: entry(403, 'forbidden_op', 'message recall service is unopened', Grpc.permissionDenied, {
    msync: { code: 1, reason: 'message recall disabled' },
  }),
  edit_unavailable: entry(403, 'message_rewrite_error', 'The rewrite message feature is not open.', Grpc.permissionDenied, {
    msync: { code: 1, reason: 'Sorry, edit is not available' },
  }),
  not_supported: entry(400, 'unsupported_service_operation', 'Service operation not supported', Grpc.unimplemented, {
    msync: { code: 9, reason: 'not supported' },
  }),
  msync_data_too_large: entry(400, 'message_send_error', 'message is too large', Grpc.invalidArgument, {
    errorCode: 14007,
    msync: { code: 7, reason: 'Sorry, data is too large' },
  }),
  msync_traffic_limit: entry(403, 'message_send_error', 'message send reach limit', Grpc.resourceExhausted, {
    retryable: true,
    msync: { code: 7, reason: 'traffic limit' },
  }),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
