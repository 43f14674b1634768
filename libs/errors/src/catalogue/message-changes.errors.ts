import { type CatalogueEntry, entry, Grpc } from './entry.js';

const sorry = (text: string) => ({ msync: { code: 1, reason: `Sorry, ${text}` } });
const reaction = (description: string, grpc: number = Grpc.invalidArgument) =>
  entry(400, 'Bad Request', description, grpc, { exception: 'BadRequestException' });

/** What may be refused after a message was sent: recall, edit, a time to live, reactions, its trace. */
export const messageChangeErrors = {
  recall_id_empty: entry(400, 'message_recall_error', "param msg_id can't be empty", Grpc.invalidArgument),
  recall_to_empty: entry(400, 'message_recall_error', "param to can't be empty", Grpc.invalidArgument),
  recall_chat_type_empty: entry(400, 'message_recall_error', "param chat_type can't be empty", Grpc.invalidArgument),
  recall_force_empty: entry(400, 'message_recall_error', "param force can't be empty", Grpc.invalidArgument),
  recall_to_unknown: entry(400, 'message_recall_error', "can't find msg to", Grpc.invalidArgument),
  recall_batch_too_large: entry(400, 'message_recall_error', "params msgs's size can't exceed limit {limit}", Grpc.invalidArgument),
  recall_too_late: entry(403, 'message_recall_error', 'exceed recall time limit', Grpc.failedPrecondition, {
    msync: { code: 1, reason: 'exceed recall time limit' },
  }),
  recall_message_not_found: entry(403, 'message_recall_error', 'not_found msg', Grpc.notFound, sorry('message does not exist')),
  recall_not_permitted: entry(403, 'message_recall_error', 'this message cannot be recalled', Grpc.permissionDenied, sorry('You do not have permission')),

  edit_content_missing: entry(400, 'illegal_argument', 'new_msg is required', Grpc.invalidArgument),
  edit_type_unsupported: entry(
    400,
    'message_rewrite_error',
    'The message is of a type that is currently not supported for modification.',
    Grpc.invalidArgument,
    sorry('format is incorrect'),
  ),
  edit_id_invalid: entry(400, 'InvalidMessageIdException', 'The provided message ID is not a valid number.', Grpc.invalidArgument),
  edit_not_permitted: entry(401, 'message_rewrite_error', 'You are not authorized to edit this message.', Grpc.permissionDenied, sorry('You do not have permission')),
  edit_limit_reached: entry(
    403,
    'message_rewrite_error',
    'The message has reached its edit limit and cannot be modified further.',
    Grpc.resourceExhausted,
    sorry('edit limit reached'),
  ),
  edit_message_unavailable: entry(404, 'message_rewrite_error', 'The message is unavailable or has expired.', Grpc.notFound, {
    exception: 'MessageUnavailableException',
    ...sorry('message does not exist'),
  }),
  edit_concurrent: entry(409, 'concurrent_operation_error', 'The message has been edited by another.', Grpc.aborted, sorry('edit fail')),
  edit_failed: entry(500, 'RewriteMessageInternalErrorException', 'An unknown error occurred while processing the request.', Grpc.internal),

  expiry_invalid: entry(400, 'message_send_error', 'param ext.parley_ttl must be a whole number of seconds from 1 to {detail}', Grpc.invalidArgument, {
    ...sorry('format is incorrect'),
  }),

  reaction_disabled: reaction('this appKey is not open reaction service!', Grpc.permissionDenied),
  reaction_kinds_exceeded: reaction('The quantity has exceeded the limit!', Grpc.resourceExhausted),
  reaction_illegal: reaction('the user operation is illegal!', Grpc.permissionDenied),
  reaction_repeated: reaction('the user is already operation this message', Grpc.alreadyExists),
  reaction_ids_exceeded: reaction('msgIdList exceeds the maximum number limit'),
  reaction_group_missing: reaction('groupId can not be null!'),
  reaction_page_exceeded: reaction('Limit exceeds the maximum quantity limit'),

  trace_not_found: entry(404, 'resource_not_found', 'message {id} is not known, or its trace is kept no longer', Grpc.notFound),
} as const satisfies Record<string, CatalogueEntry>;
