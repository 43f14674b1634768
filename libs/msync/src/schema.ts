/** The whole catalogue by reflection: for bodies that are built or read rarely, and to check the hand-written codec. */
export { create, fromBinary, isFieldSet, toBinary } from '@bufbuild/protobuf';
export * from './generated/msync/jid_pb.js';
export * from './generated/msync/key_value_pb.js';
export * from './generated/msync/status_pb.js';
export * from './generated/msync/msync_pb.js';
export * from './generated/msync/message_body_pb.js';
export * from './generated/msync/muc_body_pb.js';
export * from './generated/msync/roster_body_pb.js';
export * from './generated/msync/statistics_body_pb.js';
export * from './generated/msync/conference_body_pb.js';
