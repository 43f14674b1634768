import type { conversation, Tenant } from '@parley/contracts';
import { messageObject } from '@parley/msync';

/** Newest message of a list's entry: payload as JSON text, {} when there is none or it cannot be read. */
export function lastMessageView(meta: Uint8Array): Record<string, unknown> {
  if (meta.length === 0) return {};
  try {
    const message = messageObject(meta);
    return { ...message, payload: JSON.stringify(message.payload) };
  } catch {
    // One message that somebody wrote wrongly must not take the list away.
    return {};
  }
}

/** An entry of the list. */
export function conversationView(one: conversation.Conversation) {
  return {
    session_to: one.peer,
    session_type: one.group ? ('groupChat' as const) : ('chat' as const),
    is_top: one.topMs > 0n,
    update_top_status_time: Number(one.topMs),
    unread_num: one.unread,
    marks: Array.from({ length: 20 }, (_, n) => n).flatMap((n) => (one.marks & (1 << n) ? [`mark_${n}`] : [])),
    meta: lastMessageView(one.lastMeta),
  };
}

/** The same of the older lists. */
export function channelView({ org, app }: Tenant, one: conversation.Conversation) {
  const domain = one.group ? 'conference.easemob.com' : 'easemob.com';
  return { channel_id: `${org}#${app}_${one.peer}@${domain}`, unread_num: one.unread, meta: lastMessageView(one.lastMeta) };
}
