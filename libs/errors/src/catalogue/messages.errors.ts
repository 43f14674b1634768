import { type CatalogueEntry, entry, Grpc } from './entry.js';

function streamError(errorCode: number, description: string): CatalogueEntry {
  return entry(400, 'message_send_error', description, Grpc.failedPrecondition, { errorCode, exception: 'MessageSendException' });
}

/** Messages: over REST, and over MSYNC, where the reason is what clients match. */
export const messageErrors = {
  message_from_empty: entry(400, 'message_send_error', "param from can't be empty", Grpc.invalidArgument, { errorCode: 14001 }),
  message_to_empty: entry(400, 'message_send_error', "param to can't be empty", Grpc.invalidArgument, { errorCode: 14002 }),
  message_type_empty: entry(400, 'message_send_error', "param type can't be empty", Grpc.invalidArgument),
  message_type_unsupported: entry(400, 'message_send_error', 'param type {type} is not supported', Grpc.invalidArgument),
  message_body_empty: entry(400, 'message_send_error', "param body can't be empty", Grpc.invalidArgument, { errorCode: 14005 }),
  message_ext_not_object: entry(400, 'message_send_error', 'param ext must be JSONObject', Grpc.invalidArgument),
  message_too_large: entry(400, 'message_send_error', 'message is too large', Grpc.invalidArgument, {
    errorCode: 14007,
    msync: { code: 7, reason: 'Sorry, data is too large' },
  }),
  message_too_many_targets: entry(400, 'message_send_error', "params to's size can't exceed limit {limit}", Grpc.invalidArgument),
  message_too_many_ignored: entry(400, 'message_send_error', "params roam_ignore_users's size can't exceed limit {limit}", Grpc.invalidArgument),
  message_target_type_empty: entry(400, 'message_send_error', "param target_type can't be empty", Grpc.invalidArgument),
  message_target_type_illegal: entry(400, 'message_send_error', 'param target_type {type} is not supported', Grpc.invalidArgument),

  // streamed text
  stream_seq_illegal: streamError(14030, 'param body.seq is illegal'),
  stream_not_found: streamError(14031, 'can not find stream message by msgId'),
  stream_too_long: streamError(14032, 'stream message total length exceeds limit'),
  stream_interval_timeout: streamError(14033, 'stream message chunk interval timeout'),
  stream_timeout: streamError(14034, 'stream message total timeout'),
  stream_finished: streamError(14035, 'stream message has already finished'),
  stream_from_mismatch: streamError(14036, 'stream message from user mismatch'),
  stream_to_mismatch: streamError(14037, 'stream message to user mismatch'),
  stream_seq_too_small: streamError(14038, 'stream message chunk seq too small'),

  // over MSYNC: the reason is what clients match
  send_failed: entry(500, 'message_send_error', 'message could not be sent', Grpc.internal, { msync: { code: 1, reason: 'send failed' } }),
  recipient_not_found: entry(404, 'service_resource_not_found', "username {username} doesn't exist!", Grpc.notFound, {
    msync: { code: 1, reason: "username {username} doesn't exist!" },
  }),
  group_not_found: entry(404, 'resource_not_found', 'group not found', Grpc.notFound, { msync: { code: 1, reason: 'group not found' } }),
  room_not_found: entry(404, 'resource_not_found', 'grpID {id} does not exist!', Grpc.notFound, {
    msync: { code: 1, reason: 'grpID {id} does not exist!' },
  }),
  format_incorrect: entry(400, 'illegal_argument', 'format is incorrect', Grpc.invalidArgument, {
    msync: { code: 1, reason: 'Sorry, format is incorrect' },
  }),
  recall_disabled: entry(403, 'forbidden_op', 'message recall service is unopened', Grpc.permissionDenied, {
    msync: { code: 1, reason: 'message recall disabled' },
  }),
  edit_unavailable: entry(403, 'message_rewrite_error', 'The rewrite message feature is not open.', Grpc.permissionDenied, {
    msync: { code: 1, reason: 'Sorry, edit is not available' },
  }),
  not_supported: entry(400, 'unsupported_service_operation', 'Service operation not supported', Grpc.unimplemented, {
    msync: { code: 9, reason: 'not supported' },
  }),
  msync_traffic_limit: entry(403, 'message_send_error', 'message send reach limit', Grpc.resourceExhausted, {
    retryable: true,
    msync: { code: 7, reason: 'traffic limit' },
  }),
} as const satisfies Record<string, CatalogueEntry>;
