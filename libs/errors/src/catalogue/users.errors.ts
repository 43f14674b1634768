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
} as const satisfies Record<string, CatalogueEntry>;
