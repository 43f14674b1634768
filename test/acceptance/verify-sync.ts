import { expect } from '@jest/globals';
import type { SdkDevice } from '@parley/testkit';

/** Waits for the last of these texts on each device, then compares: all saw the same ids, once, in this order. */
export async function verifySync(devices: readonly SdkDevice[], ids: readonly string[]): Promise<void> {
  await Promise.all(devices.map((device) => device.event('onTextMessage', (message) => message.id === ids.at(-1), 15_000)));
  for (const device of devices) expect({ device: device.resource, ids: device.seen('onTextMessage').map((message) => message.id) }).toEqual({ device: device.resource, ids });
}
