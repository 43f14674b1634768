import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** Contacts, block lists, and who may write to whom. */
export const contactErrors = {
  blocked: entry(403, 'forbidden_op', 'blocked', Grpc.permissionDenied, { msync: { code: 1, reason: 'blocked' } }),
  not_a_contact: entry(403, 'forbidden_op', 'nonroster', Grpc.permissionDenied, { msync: { code: 1, reason: 'nonroster' } }),
  sender_muted: entry(403, 'forbidden_op', 'user is mute', Grpc.permissionDenied, { msync: { code: 7, reason: 'user is mute' } }),
  contact_oneself: entry(400, 'illegal_argument', 'a user cannot do this to himself', Grpc.invalidArgument),
  contact_limit: entry(403, 'exceed_limit', 'user contact number exceed limit', Grpc.resourceExhausted),
  contact_invitations_limit: entry(403, 'exceed_limit', 'user contact invitation number exceed limit', Grpc.resourceExhausted),
  contact_not_invited: entry(404, 'resource_not_found', 'there is no invitation from this user', Grpc.notFound),
  contact_remark_not_friends: entry(
    400,
    'illegal_argument',
    'updateRemark they are not friends, please add as a friend first.',
    Grpc.failedPrecondition,
  ),
  contact_remark_too_long: entry(400, 'illegal_argument', 'remark length exceeds limit : 100', Grpc.invalidArgument),
  contact_page_too_large: entry(400, 'illegal_argument', 'getContacts | page size more than max limit : 50', Grpc.invalidArgument),
  blocklist_limit: entry(403, 'exceed_limit', 'user blocklist number exceed limit', Grpc.resourceExhausted),
} as const satisfies Record<string, CatalogueEntry>;
