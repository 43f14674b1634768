import { foldUsername } from '@parley/kernel';
import { type Envelope, OsType, type Provision, type StatusFields, StatusCode } from '@parley/msync';
import type { VerifiedToken } from '@parley/tokens';

const RESOURCE_MAX_LENGTH = 255;
const LOGIN_EXT_MAX_LENGTH = 1024;

/** What a provision asks for, with everything that it must have. */
export interface LoginRequest {
  readonly token: string;
  readonly appKey: string;
  readonly username: string;
  readonly resource: string;
  readonly platform: string;
  readonly deviceUuid: string;
  readonly deviceName: string;
  readonly loginExt: string;
}

/** Refusals in the words that clients match literally (protocol: provision failures). */
export const Refusal = {
  wrongParameter: { code: StatusCode.WRONG_PARAMETER, reason: 'Sorry, parameter is wrong' },
  badToken: { code: StatusCode.FAIL, reason: 'Sorry, token or password does not match login info' },
  tokenExpired: { code: StatusCode.FAIL, reason: 'Sorry, token expired' },
  userNotFound: { code: StatusCode.FAIL, reason: 'Sorry, user not found' },
  appSuspended: { code: StatusCode.IM_FORBIDDEN, reason: 'Sorry, application is suspended' },
  connectionsFull: { code: StatusCode.PERMISSION_DENIED, reason: 'Sorry, the app online count limit' },
  dailyActiveFull: { code: StatusCode.PERMISSION_DENIED, reason: 'Sorry, the app day live count limit' },
  notActivated: { code: StatusCode.IM_FORBIDDEN, reason: 'Sorry, user is deactivated' },
} as const satisfies Record<string, StatusFields>;

/** Reads a provision; undefined when something that a login needs is missing or too long. */
export function readLogin(envelope: Envelope, provision: Provision): LoginRequest | undefined {
  const { guid } = envelope;
  if (!guid || guid.name === '' || guid.appKey === '') return undefined;
  const resource = provision.resource || guid.clientResource;
  if (!isResource(resource)) return undefined;
  return {
    token: readToken(envelope.auth, provision.authToken),
    appKey: guid.appKey.toLowerCase(),
    username: foldUsername(guid.name),
    resource,
    platform: platformOf(provision, resource),
    deviceUuid: printable(provision.deviceUuid).slice(0, RESOURCE_MAX_LENGTH),
    deviceName: printable(provision.deviceName).slice(0, RESOURCE_MAX_LENGTH),
    loginExt: printable(provision.reason).slice(0, LOGIN_EXT_MAX_LENGTH),
  };
}

/** A device id that may be stored: PostgreSQL refuses a NUL, and one refused login would fail the others of its batch. */
export function isResource(resource: string): boolean {
  return resource !== '' && resource.length <= RESOURCE_MAX_LENGTH && resource === printable(resource);
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, '');
}

/** The token must be a user's, and name the same user and app as the login. */
export function matchesLogin(token: VerifiedToken, login: LoginRequest): boolean {
  return (
    token.kind === 'user' &&
    token.username === login.username &&
    `${token.tenant.org}#${token.tenant.app}` === login.appKey
  );
}

/** The token comes twice: behind `$t$` in the envelope, and in a JSON text of the provision. */
function readToken(auth: string, authToken: string): string {
  if (auth.startsWith('$t$') && auth.length > 3) return auth.slice(3);
  try {
    const parsed: unknown = JSON.parse(authToken);
    const token = typeof parsed === 'object' && parsed !== null ? (parsed as { token?: unknown }).token : undefined;
    return typeof token === 'string' && token.startsWith('$t$') ? token.slice(3) : '';
  } catch {
    return '';
  }
}

function platformOf(provision: Provision, resource: string): string {
  switch (provision.osType) {
    case OsType.OS_IOS:
      return 'ios';
    case OsType.OS_ANDROID:
      return 'android';
    case OsType.OS_LINUX:
      return 'linux';
    case OsType.OS_OSX:
      return 'osx';
    case OsType.OS_WIN:
      return 'win';
    case OsType.OS_CUSTOM:
      return `custom${Math.min(Math.max(provision.osCustomValue, 1), 100)}`;
    default:
      return resource.startsWith('webim') ? 'web' : 'other';
  }
}
