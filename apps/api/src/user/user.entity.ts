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

/** With how pushes to him look, and where they go. The vendor's servers write `device_Id`, its SDKs read `device_id`. */
export function profileEntity(one: user.User) {
  return {
    ...userEntity(one),
    notification_display_style: one.pushStyle,
    pushInfo: one.pushBindings.map(({ deviceId, deviceToken, notifierName }) => ({
      device_Id: deviceId,
      device_id: deviceId,
      device_token: deviceToken,
      notifier_name: notifierName,
    })),
  };
}
