import { ContentType, mayNameFiles, schema, SubType } from '@parley/msync';

const PATH = /\/([^/?#]{1,64})\/([^/?#]{1,64})\/chatfiles\/([0-9a-fA-F-]{36})(?=$|[?#/])/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The file that a path of a message names; undefined for anything else. The app of the path is not looked at: rows decide. */
export function fileIdIn(path: string | undefined): string | undefined {
  const id = PATH.exec(path ?? '')?.[3]?.toLowerCase();
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Ids of files. Those of `bundles` are among `files`, and hold messages that name others. */
export interface NamedFiles {
  readonly files: readonly string[];
  readonly bundles: readonly string[];
}
const NONE: NamedFiles = { files: [], bundles: [] };

/** The files that an encoded message names. What cannot be read names none. */
export function filesNamedIn(meta: Uint8Array): NamedFiles {
  if (!mayNameFiles(meta)) return NONE;
  try {
    const { payload } = schema.fromBinary(schema.MetaSchema, meta);
    const { contents } = schema.fromBinary(schema.MessageBodySchema, payload);
    return {
      files: ids(contents.flatMap((content) => [content.remotePath, content.thumbnailRemotePath])),
      bundles: ids(contents.filter(isMergedForward).map((content) => content.remotePath)),
    };
  } catch {
    return NONE;
  }
}

/**
 * The files that the messages of a merged forward name. The file that holds them is `cm`, then for each message its length in four
 * bytes and the encoded Meta, then a check sum; it is read as far as it is one.
 */
export function filesNamedInBundle(bundle: Buffer): NamedFiles {
  const named = [...messagesIn(bundle)].map(filesNamedIn);
  return { files: [...new Set(named.flatMap((one) => one.files))], bundles: [...new Set(named.flatMap((one) => one.bundles))] };
}

function* messagesIn(bundle: Buffer): Generator<Buffer> {
  if (bundle.toString('latin1', 0, 2) !== 'cm') return;
  for (let at = 2; at + 4 <= bundle.length; ) {
    const end = at + 4 + bundle.readUInt32BE(at);
    if (end > bundle.length) return;
    yield bundle.subarray(at + 4, end);
    at = end;
  }
}

function isMergedForward(content: schema.MessageBody_Content): boolean {
  const { type } = content as { type: number };
  return type === ContentType.COMBINE || (type === ContentType.TEXT && schema.isFieldSet(content, schema.MessageBody_ContentSchema.field.subType!) && (content.subType as number) === SubType.COMBINE);
}

function ids(paths: readonly (string | undefined)[]): string[] {
  return [...new Set(paths.map(fileIdIn).filter((id) => id !== undefined))];
}
