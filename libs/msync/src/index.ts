export * from './constants.js';
export { MalformedFrame } from './wire/malformed-frame.error.js';
export { wireLimits } from './wire/wire.limits.js';
export { decodeJid, encodeJid, type Jid, userJid } from './jid/jid.codec.js';
export { decodeEnvelope, type Envelope } from './envelope/envelope.codec.js';
export type { StatusFields } from './envelope/status.codec.js';
export {
  decodeProvision,
  encodeProvisionAnswer,
  type Provision,
  type ProvisionAnswer,
} from './provision/provision.codec.js';
export { decodeLogout, type Logout } from './provision/logout.codec.js';
export { decodeSyncUplink, type SyncUplink, type UplinkMeta } from './sync/uplink.codec.js';
export { completeMeta, encodeMetaBody, type MetaBody, readAppKey, readMetaParts, withPayload } from './sync/meta.codec.js';
export {
  encodeNotice,
  encodePage,
  encodeSendAnswer,
  encodeUnreadAnswer,
  type Page,
  type PagePlace,
  type SendAnswer,
  type UnreadAnswer,
} from './sync/downlink.codec.js';
export { inspectMessageBody, type MessageBodyFacts } from './body/message-body.inspect.js';
export {
  type BodyParts,
  editBody,
  EditScope,
  mergeAttributes,
  readBodyParts,
  recallBody,
  reviseBody,
} from './body/message-body.revise.js';
export { forceSender } from './body/sender.force.js';
export { decodeKeyValue, decodeKeyValues, encodeKeyValue, keyValues, ValueType } from './body/key-value.codec.js';
export { restMessageToBody, type RestMessage, type RestMessageToUser } from './body/rest-message.body.js';
export { readBodyState, withBodyState } from './body/body-state.codec.js';
export { mayNameFiles } from './body/chatfile-name.js';
export { messageObject, type MessageObject, type MessagePayload } from './body/message-object.js';
export { streamBody, StreamError, StreamStatus, type StreamBody } from './body/stream.body.js';
export { encodeRosterBody, RosterOperation } from './body/roster.codec.js';
export { encodeStatisticsMetaBody } from './body/statistics.codec.js';
export * as client from './client/client.js';
export * as schema from './schema.js';
