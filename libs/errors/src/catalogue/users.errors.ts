import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** Users. */
export const userErrors = {
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
  users_full: entry(
    429,
    'resource_limited',
    'You have exceeded the limit of the community edition,Please upgrade to the enterprise edition',
    Grpc.resourceExhausted,
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
  // attributes
  metadata_unauthorized: entry(401, 'metadata_error', 'auth error', Grpc.unauthenticated),
  metadata_capacity_unauthorized: entry(401, 'unauthorized', 'unauthorized', Grpc.unauthenticated),
  user_attributes_disabled: entry(403, 'FORBIDDEN', '{appKey} user metadata service not allow', Grpc.permissionDenied),
  user_attributes_too_large: entry(
    403,
    'FORBIDDEN',
    'size of metadata for this single user exceeds the user defined limit, {limit}Bytes',
    Grpc.resourceExhausted,
  ),
  user_attribute_too_long: entry(
    403,
    'FORBIDDEN',
    'size of metadata for this single user exceeds the current mysql column size, {limit}Bytes',
    Grpc.resourceExhausted,
  ),
  app_attributes_too_large: entry(
    403,
    'FORBIDDEN',
    'total size of user metadata for this app exceeds the user defined limit, {limit}Bytes',
    Grpc.resourceExhausted,
  ),
  metadata_batch_too_large: entry(400, 'BAD_REQUEST', 'exceed allowed batch size {limit}', Grpc.invalidArgument),
  mute_user_not_found: entry(
    400,
    'required_property_not_found',
    'Entity user requires a property named username',
    Grpc.notFound,
  ),

  // push
  push_user_not_found: entry(
    400,
    'RequiredPropertyNotFoundException',
    'Entity user requires a property named username',
    Grpc.notFound,
    { exception: 'RequiredPropertyNotFoundException' },
  ),
  push_parameter_invalid: entry(400, 'IllegalArgumentException', 'parameters is invalid : {name}', Grpc.invalidArgument, {
    exception: 'IllegalArgumentException',
  }),
  push_nicknames_empty: entry(400, 'illegal_argument', 'put user push nicknames illegal empty request body', Grpc.invalidArgument),
  push_nicknames_too_many: entry(400, 'illegal_argument', 'put user push nicknames exceeds the limit', Grpc.invalidArgument),
  push_nickname_too_long: entry(400, 'illegal_argument', '{username} push nickname length exceeds the limit', Grpc.invalidArgument),

  // presence
  presence_disabled: entry(400, 'service open exception', 'the app not open presence', Grpc.failedPrecondition, {
    result: 'the app not open presence',
  }),
  presence_ext_missing: entry(400, 'illegal_argument', 'ext cannot be null', Grpc.invalidArgument),
  // With the blank at its end, by which the SDK knows it.
  presence_ext_too_long: entry(400, 'illegal_argument', 'ext is too big ', Grpc.invalidArgument),
  presence_targets_empty: entry(400, 'illegal_argument', 'usernames is empty', Grpc.invalidArgument),
  presence_too_many_targets: entry(400, 'illegal_argument', 'too many sub presence', Grpc.invalidArgument),
  presence_self: entry(400, 'illegal_argument', "you can't sub yourself", Grpc.invalidArgument),
  presence_too_many_queried: entry(400, 'illegal_argument', 'too many get presences', Grpc.invalidArgument),
  presence_unsubscribe_missing: entry(400, 'illegal_argument', 'usernames cannot be null', Grpc.invalidArgument),
  presence_too_many_unsubscribed: entry(400, 'illegal_argument', 'too many unsub presences', Grpc.invalidArgument),
  presence_subscriptions_full: entry(400, 'illegal_argument', 'a user can subscribe to at most {limit} users', Grpc.resourceExhausted),
  presence_subscribers_full: entry(
    400,
    'illegal_argument',
    'the user {username} has reached the limit of {limit} subscribers',
    Grpc.resourceExhausted,
  ),
} as const satisfies Record<string, CatalogueEntry>;
