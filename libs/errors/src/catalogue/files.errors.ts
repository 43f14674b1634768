import { type CatalogueEntry, entry, Grpc } from './entry.js';

/** Attachments. Texts of `file_forbidden` and errors of `file_expired` are what the SDKs tell apart. */
export const fileErrors = {
  file_missing: entry(400, 'illegal_argument', 'file must be provided.', Grpc.invalidArgument),
  file_upload_malformed: entry(400, 'illegal_argument', 'the upload could not be read: {detail}', Grpc.invalidArgument),
  file_too_large: entry(413, 'file exceeding maximum limit', 'the file size exceeds the maximum limit.', Grpc.resourceExhausted),
  file_storage_full: entry(403, 'exceed_limit', 'the attachment storage of this app is full', Grpc.resourceExhausted),
  file_storage_unavailable: entry(503, 'service_unavailable', 'the attachment storage is not available, please try again', Grpc.unavailable, {
    retryable: true,
  }),
  file_not_found: entry(404, 'entity_not_found', 'file may not exists', Grpc.notFound),
  file_expired: entry(404, 'file_expired', 'file {uuid} is expired', Grpc.notFound),
  file_forbidden: entry(403, 'forbidden_op', 'chatfile no permission', Grpc.permissionDenied),
  file_range_unsatisfiable: entry(416, 'illegal_argument', 'the file has {size} bytes', Grpc.invalidArgument),
  thumbnail_not_found: entry(404, 'entity_not_found', 'this file has no thumbnail', Grpc.notFound),
  part_upload_not_found: entry(404, 'entity_not_found', 'part upload may not exists', Grpc.notFound),
  part_upload_incomplete: entry(400, 'illegal_argument', 'part {part} is missing', Grpc.failedPrecondition),
  part_number_illegal: entry(400, 'illegal_argument', 'part_number must be 1 to {most}', Grpc.invalidArgument),
} as const satisfies Record<string, CatalogueEntry>;
