export { startPlatform, type RunningPlatform, type StartOptions } from './platform/platform.js';
export { platformUnderTest, type Endpoints, type Platform } from './platform/endpoints.js';
export { RestClient, type RestAnswer, type RestCall } from './rest/rest.client.js';
export { givenUser, givenUsers, uniqueName, type TestUser } from './rest/given-user.js';
export { SdkDevice, type SdkEvent, type SdkName, type SdkOptions, SdkRejection } from './sdk/sdk-device.js';
export { nextClientId, RawClient, type RawLogin, type RawOptions } from './raw/raw-client.js';
export { type Received, Inbox } from './raw/inbox.js';
export { eventually, never } from './wait/eventually.js';
export { type Acknowledged, type Outcome, PersistentDevice } from './raw/persistent-device.js';
