import type { push, user } from '@parley/contracts';
import type { AppUser } from '../generated/client.js';

/** A user as other services see one: never with a password hash. */
export function toUser(row: AppUser, pushBindings: push.PushBinding[] = []): user.User {
  return {
    userId: row.userId,
    uuid: row.uuid,
    username: row.username,
    nickname: row.nickname,
    activated: row.activated,
    createdMs: BigInt(row.createdAt.getTime()),
    modifiedMs: BigInt(row.modifiedAt.getTime()),
    tokenEpoch: row.tokenEpoch,
    pushStyle: row.pushStyle,
    pushBindings,
  };
}
