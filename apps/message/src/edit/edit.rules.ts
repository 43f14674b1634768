import type { ErrorCode } from '@parley/errors';
import { type BodyParts, ContentType } from '@parley/msync';
import { isUserMessage } from '../recall/recall.rules.js';

/** The name under which a tenant's server edits what is not its own. */
export const ADMIN = 'admin';

/** What the rules of an edit look at. */
export interface EditCase {
  readonly message: { readonly senderId: bigint; readonly bodyType: number; readonly state: number; readonly edits: number } | undefined;
  /** Who edits: a user's id, or the tenant in the name of nobody. */
  readonly by: bigint | 'admin';
  readonly settings: { readonly editEnabled: boolean; readonly editsPerMessage: number };
}

/** Why a message may not be edited, whatever the change; undefined = it may. Pure. */
export function refuseEdit({ message, by, settings }: EditCase): ErrorCode | undefined {
  if (!settings.editEnabled) return 'edit_unavailable';
  if (!message || message.state !== 0 || !isUserMessage(message.bodyType)) return 'edit_message_unavailable';
  if (by !== 'admin' && message.senderId !== by) return 'edit_not_permitted';
  if ((message.bodyType & 15) === ContentType.COMMAND) return 'edit_type_unsupported';
  if (message.edits >= settings.editsPerMessage) return 'edit_limit_reached';
  return undefined;
}

/** An edit as it was asked for. */
export interface EditWish {
  /** Absent: the contents stay. */
  readonly contents: (Pick<BodyParts, 'contents' | 'subType'> & { readonly contentType: number | undefined }) | undefined;
  /** Absent: the attributes stay. */
  readonly ext: readonly Uint8Array[] | undefined;
  /** From a client, whose edits repeat the contents that may not change: they are passed over instead of refused. */
  readonly lenient: boolean;
}

/**
 * The new contents and attributes: text and custom messages may change both, all others their attributes only. Pure.
 * @returns an error's code when the change does not fit the message
 */
export function applyEdit(
  old: Pick<BodyParts, 'contents' | 'ext' | 'subType'> & { readonly contentType: number },
  wish: EditWish,
): { contents: readonly Uint8Array[]; ext: readonly Uint8Array[] } | ErrorCode {
  const ext = wish.ext ?? old.ext;
  if (!wish.contents) return { contents: old.contents, ext };
  if (wish.contents.contentType !== old.contentType || wish.contents.subType !== old.subType) return 'edit_type_unsupported';
  const free = (old.contentType === ContentType.TEXT && old.subType === undefined) || old.contentType === ContentType.CUSTOM;
  if (free) return wish.contents.contents.length === 1 ? { contents: wish.contents.contents, ext } : 'edit_type_unsupported';
  return wish.lenient && wish.ext ? { contents: old.contents, ext } : 'edit_type_unsupported';
}

/**
 * Whether an edit makes a message longer than messages may be: what it brings and what stays, as encoded. One that was longer
 * before, under another limit or counted as JSON, need not become shorter. Pure.
 */
export function isTooLarge(now: Pick<BodyParts, 'contents' | 'ext'>, before: Pick<BodyParts, 'contents' | 'ext'>, mostBytes: number): boolean {
  return lengthOf(now) > Math.max(mostBytes, lengthOf(before));
}

function lengthOf({ contents, ext }: Pick<BodyParts, 'contents' | 'ext'>): number {
  return [...contents, ...ext].reduce((sum, one) => sum + one.length, 0);
}

/** What history and the answer say of an edit. Times in milliseconds since 1970. */
export interface EditMark {
  readonly count: number;
  readonly operator: string;
  readonly edit_time: number;
  readonly sender: string;
  readonly send_time: number;
  readonly chat_type: 'chat:user';
}

/**
 * MessageBody.meta with the edit in it. Translations of the old text are no longer true: they go, unless the edit brings its
 * own. Pure.
 */
export function metaWithEdit(old: string, edited: string, contentsChange: boolean, mark: EditMark): string {
  const meta = readMeta(old);
  if (contentsChange) delete meta['translations'];
  const { translations } = readMeta(edited);
  return JSON.stringify({ ...meta, ...(translations === undefined ? {} : { translations }), edit_msg: mark });
}

/** Clients write this text: what is no object says nothing. */
function readMeta(text: string): Record<string, unknown> {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
