import type { user } from '@parley/contracts';

/** A user as the platform API shows it. Times in milliseconds since 1970. */
export function userEntity(one: user.User) {
  return {
    uuid: one.uuid,
    type: 'user',
    created: Number(one.createdMs),
    modified: Number(one.modifiedMs),
    username: one.username,
    activated: one.activated,
    ...(one.nickname === '' ? {} : { nickname: one.nickname }),
  };
}
