import type { push } from '@parley/contracts';
import type { z } from 'zod';
import type { Call } from '../http/call.js';
import type { newBinding } from './push.schemas.js';

/** A user's own token binds only as long as it holds: the store compares its epoch. */
export function bindingChange({ token }: Pick<Call, 'token'>, wanted: z.output<typeof newBinding>): push.PushBindingChange {
  return {
    deviceId: wanted.device_id,
    notifierName: wanted.notifier_name,
    deviceToken: wanted.device_token,
    tokenEpoch: token?.kind === 'user' ? token.tokenEpoch : undefined,
  };
}
