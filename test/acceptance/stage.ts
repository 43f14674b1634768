import { afterEach, jest } from '@jest/globals';
import { givenUser, platformUnderTest, RawClient, type RawLogin, type RawOptions, SdkDevice, type SdkOptions, type TestUser } from '@parley/testkit';

/** What a scenario plays on: the platform under test, and the devices that it makes, stopped after each test. */
export interface Stage {
  readonly platform: ReturnType<typeof platformUnderTest>;
  user(prefix?: string): Promise<TestUser>;
  /** A device that is not logged in. */
  device(options?: SdkOptions): Promise<SdkDevice>;
  /** A device that is logged in by password. */
  online(user: TestUser, options?: SdkOptions): Promise<SdkDevice>;
  /** A protocol client that is not logged in. */
  raw(options?: RawOptions & { gateway?: number }): Promise<RawClient>;
  /** A protocol client that is logged in. */
  rawOnline(user: TestUser, options?: RawOptions & Partial<RawLogin> & { gateway?: number }): Promise<RawClient>;
  gatewayUrl(gateway?: number): string;
}

const SLOW_TEST_MS = 60_000;

/** Sets up and tidies up for all tests of a file. A device that broke fails its test. */
export function stage(): Stage {
  jest.setTimeout(SLOW_TEST_MS);
  const platform = platformUnderTest();
  const devices: SdkDevice[] = [];
  const raws: RawClient[] = [];
  afterEach(async () => {
    for (const raw of raws.splice(0)) raw.terminate();
    const results = await Promise.allSettled(devices.splice(0).map((device) => device.stop()));
    const broken = results.find((result) => result.status === 'rejected');
    if (broken) throw broken.reason as Error;
  });
  const gatewayUrl = (gateway = 0) => platform.endpoints.gatewayUrls[gateway % platform.endpoints.gatewayUrls.length]!;
  const keep = (raw: RawClient) => {
    raws.push(raw);
    return raw;
  };
  return {
    platform,
    gatewayUrl,
    user: (prefix) => givenUser(platform, prefix),
    async device(options) {
      const device = await SdkDevice.create(platform, options);
      devices.push(device);
      return device;
    },
    async online(user, options) {
      const device = await this.device(options);
      await device.open({ user: user.username, pwd: user.password });
      return device;
    },
    raw: async ({ gateway, ...options } = {}) => keep(await RawClient.connect(gatewayUrl(gateway), options)),
    async rawOnline(user, { gateway, ...options } = {}) {
      const token = options.token ?? (await platform.rest.userToken(user.username, user.password));
      const login = { appKey: platform.endpoints.appKey, user: user.username, token, resource: options.resource, reason: options.reason };
      return keep(await RawClient.logIn(gatewayUrl(gateway), login, options));
    },
  };
}
