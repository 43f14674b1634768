import { schema } from '@parley/msync';

const PATH = /\/([^/?#]{1,64})\/([^/?#]{1,64})\/chatfiles\/([0-9a-fA-F-]{36})(?=$|[?#/])/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The file that a path of a message names; undefined for anything else. The app of the path is not looked at: rows decide. */
export function fileIdIn(path: string | undefined): string | undefined {
  const id = PATH.exec(path ?? '')?.[3]?.toLowerCase();
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Ids of the files that an encoded message names. What cannot be read names none. */
export function filesNamedIn(meta: Uint8Array): string[] {
  try {
    const { payload } = schema.Meta.decode(meta);
    if (!payload) return [];
    const { contents } = schema.MessageBody.decode(payload);
    const ids = contents.flatMap((content) => [fileIdIn(content.remotePath), fileIdIn(content.thumbnailRemotePath)]);
    return [...new Set(ids.filter((id) => id !== undefined))];
  } catch {
    return [];
  }
}
