import { z } from 'zod';
import { pageSize, text } from '../history/query-values.js';
import { fails } from '../http/parse.js';

const MOST_TARGETS = 20;

export const listPage = z.object({
  limit: pageSize(20, 50),
  cursor: text,
  is_top: text.describe('true: those at the top alone'),
  need_mark: text,
  needEmptySession: text.describe('false: leaves out those without a message'),
});
export const markSearch = listPage.extend({ mark: text.describe('mark_0 to mark_19') });
export const numberedPage = z.object({ pageNum: pageSize(1, 200), pageSize: pageSize(20, 50) });

export const topBody = z.object({ type: text.describe('chat or groupChat'), to: text });
export const topQuery = z.object({ type: text, to: text, resource: text });
export const resourceQuery = z.object({ resource: text });

export const markBody = z.object({
  mark: z.string(fails('conversation_mark_empty')).min(1, fails('conversation_mark_empty')).describe('mark_0 to mark_19'),
  targets: z.array(z.object({ to: z.string().min(1).max(1_024), type: z.string() })).min(1).max(MOST_TARGETS),
});

export const deleteBody = z.object({
  channel: z.string(fails('conversation_channel_empty')).min(1, fails('conversation_channel_empty')).max(1_024),
  type: z.string(fails('conversation_type_empty')).min(1, fails('conversation_type_empty')).describe('chat, groupchat or chatroom'),
  delete_roam: z.boolean(fails('conversation_delete_roam_null')).describe('Its history as well, for this user'),
});

const meta = z.record(z.string(), z.unknown()).describe('The newest message, its payload as JSON text; {} = none');
export const listAnswer = z.object({
  data: z.object({
    channel_infos: z.array(
      z.object({
        session_to: z.string(),
        session_type: z.enum(['chat', 'groupChat']),
        is_top: z.boolean(),
        update_top_status_time: z.int(),
        unread_num: z.int().describe('Counts stop at 999'),
        marks: z.array(z.string()),
        meta,
      }),
    ),
    cursor: z.string().describe('Empty on the last page'),
  }),
});
export const channelsAnswer = z.object({
  data: z.object({ channel_infos: z.array(z.object({ channel_id: z.string(), unread_num: z.int(), meta })) }),
});
export const topAnswer = z.object({ data: z.object({ is_top: z.boolean(), update_top_status_time: z.int() }) });
export const markAnswer = z.object({ data: z.object({ ignore: z.array(z.object({ to: z.string(), type: z.string() })) }) });
export const deleteAnswer = z.object({ data: z.object({ result: z.literal('ok') }) });
