import { schema } from '@parley/msync';

/** Most messages name none: they are not even decoded. */
const MARK = '/chatfiles/';
const PATH = /\/([^/?#]{1,64})\/([^/?#]{1,64})\/chatfiles\/([0-9a-fA-F-]{36})(?=$|[?#/])/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The file that a path of a message names; undefined for anything else. The app of the path is not looked at: rows decide. */
export function fileIdIn(path: string | undefined): string | undefined {
  const id = PATH.exec(path ?? '')?.[3]?.toLowerCase();
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Ids of the files that an encoded message names. What cannot be read names none. */
export function filesNamedIn(meta: Uint8Array): string[] {
  if (!Buffer.from(meta.buffer, meta.byteOffset, meta.byteLength).includes(MARK)) return [];
  try {
    const { payload } = schema.fromBinary(schema.MetaSchema, meta);
    const { contents } = schema.fromBinary(schema.MessageBodySchema, payload);
    const ids = contents.flatMap((content) => [fileIdIn(content.remotePath), fileIdIn(content.thumbnailRemotePath)]);
    return [...new Set(ids.filter((id) => id !== undefined))];
  } catch {
    return [];
  }
}
