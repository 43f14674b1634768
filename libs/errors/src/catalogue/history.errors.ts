import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** History, conversations, pinned messages. */
export const historyErrors = {
  history_disabled: entry(403, 'forbidden_op', 'messageroaming function not open', Grpc.failedPrecondition),
  roaming_disabled: entry(400, 'service open exception', 'this appKey not open message roaming', Grpc.failedPrecondition),
  roaming_too_many_ids: entry(400, 'param exception', 'delete msg list limit can not greater than 50', Grpc.invalidArgument),
  roaming_param: entry(400, 'param exception', '{detail}', Grpc.invalidArgument),
  message_id_illegal: entry(400, 'InvalidMessageIdException', 'The provided message ID is not a valid number.', Grpc.invalidArgument),
  message_not_found: entry(404, 'message_not_found', 'message {id} is not known or no longer kept', Grpc.notFound),
  group_unknown: entry(404, 'resource_not_found', 'grpID {id} does not exist!', Grpc.notFound),

  conversation_channel_empty: entry(400, 'illegal_argument', 'field channel cannot be null or empty', Grpc.invalidArgument),
  conversation_type_empty: entry(400, 'illegal_argument', 'field type cannot be null or empty', Grpc.invalidArgument),
  conversation_delete_roam_null: entry(400, 'illegal_argument', 'field delete_roam cannot be null', Grpc.invalidArgument),
  conversation_pin_limit: entry(400, 'exceed_limit', 'The quantity has exceeded the limit!', Grpc.resourceExhausted),
  conversation_mark_empty: entry(400, 'illegal_argument', 'param mark must be not empty, please check!', Grpc.invalidArgument),
  conversation_mark_illegal: entry(400, 'illegal_argument', 'param mark illegal, please check it!', Grpc.invalidArgument),

  pin_message_id_illegal: entry(400, 'illegal_argument', 'param pin_msg_id illegal, please check it!', Grpc.invalidArgument),
  pin_limit: entry(400, 'exceed_limit', 'The quantity has exceeded the limit!', Grpc.resourceExhausted),
  pinned_message_not_found: entry(404, 'resource_not_found', 'user session pin message not exist', Grpc.notFound),
  message_not_pinned: entry(404, 'resource_not_found', 'user session pin message not exist', Grpc.notFound),

  history_file_illegal: entry(400, 'illegal_argument', 'illegal arguments: appkey: {appKey}, time: {time}', Grpc.invalidArgument),
  history_file_expired: entry(
    400,
    'illegal_argument',
    'illegal arguments: appkey: {appKey}, time: {time}, maybe chat message history is expired or unstored',
    Grpc.failedPrecondition,
  ),
  history_file_not_found: entry(
    404,
    'storage_object_not_found',
    'Failed to find chat message history download url for appkey: {appKey}, time: {time}',
    Grpc.notFound,
  ),
  history_link_expired: entry(403, 'forbidden', 'the link is wrong or has expired, please ask for a new one', Grpc.permissionDenied),

  import_body_empty: entry(400, 'illegal_argument', 'message body not allow empty', Grpc.invalidArgument),
  import_type_empty: entry(400, 'illegal_argument', 'type not allow empty', Grpc.invalidArgument),
  import_source_forbidden: entry(400, 'illegal_argument', 'need_download: the server fetches nothing from there, upload the attachment first', Grpc.invalidArgument),
  import_source_failed: entry(400, 'illegal_argument', 'need_download: the attachment could not be fetched: {detail}', Grpc.failedPrecondition),
  import_time_illegal: entry(400, 'illegal_argument', 'msg_timestamp: must be a time of the last {days} days, in milliseconds', Grpc.invalidArgument),
} as const satisfies Record<string, CatalogueEntry>;
