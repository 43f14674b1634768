import type { push } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { isLongerThan } from '../registration/registration.rules.js';

/** As the table has them: the token in bytes, because an index holds it. */
const DEVICE_ID_MAX_CHARACTERS = 255;
const NOTIFIER_NAME_MAX_CHARACTERS = 128;
const DEVICE_TOKEN_MAX_BYTES = 1_024;

/**
 * A binding as it can be stored. Push certificates are not known yet, so a name is checked for its form only.
 * @throws DomainError push_parameter_invalid, naming the field as clients know it
 */
export function checkPushBinding(change: push.PushBindingChange): push.PushBindingChange {
  const { deviceId, notifierName, deviceToken } = change;
  if (deviceId === '' || !isText(deviceId, DEVICE_ID_MAX_CHARACTERS)) throw invalid('device_id');
  if (!isText(notifierName, NOTIFIER_NAME_MAX_CHARACTERS)) throw invalid('notifier_name');
  if (!isText(deviceToken, DEVICE_TOKEN_MAX_BYTES) || Buffer.byteLength(deviceToken) > DEVICE_TOKEN_MAX_BYTES) throw invalid('device_token');
  return change;
}

/** Without a token there is nothing to push to, and without a certificate nobody to push. */
export function unbinds({ notifierName, deviceToken }: push.PushBindingChange): boolean {
  return notifierName === '' || deviceToken === '';
}

function isText(text: string, characters: number): boolean {
  return !isLongerThan(text, characters) && !/\p{Cc}/u.test(text);
}

function invalid(name: string): DomainError {
  return new DomainError('push_parameter_invalid', { name });
}
