import { Injectable } from '@nestjs/common';
import type { policy } from '@parley/contracts';
import { Pool } from 'pg';

type Question = policy.PolicyQuestion;

/** Who may write to whom, for the send path: two queries for a batch at most. */
@Injectable()
export class PolicyService {
  constructor(private readonly pool: Pool) {}

  /** In the order asked. */
  async answer({ questions }: policy.PolicyRequest): Promise<policy.PolicyResponse> {
    const answers = questions.map(
      (): policy.PolicyAnswer => ({ blocked: false, contact: false, chatMutedUntilMs: 0n, groupMutedUntilMs: 0n, roomMutedUntilMs: 0n }),
    );
    const about = (alone: boolean) => questions.flatMap((question, i) => ((question.recipientId === 0n) === alone ? [{ question, answer: answers[i]! }] : []));
    await Promise.all([this.pairs(about(false)), this.mutes(about(true))]);
    return { answers };
  }

  private async pairs(asked: readonly { question: Question; answer: policy.PolicyAnswer }[]): Promise<void> {
    if (asked.length === 0) return;
    const { rows } = await this.pool.query<{ blocked: boolean; contact: boolean }>({
      name: 'policy_of_pairs',
      // LIMIT: a look-up by key for each pair, whatever the planner makes of the tables' size.
      text: `SELECT b.yes IS NOT NULL AS blocked, c.yes IS NOT NULL AS contact
        FROM unnest($1::int[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS q(app_id, sender_id, recipient_id, ord)
        LEFT JOIN LATERAL (SELECT true AS yes FROM user_block b
          WHERE b.app_id = q.app_id AND b.user_id = q.recipient_id AND b.blocked_id = q.sender_id LIMIT 1) b ON true
        LEFT JOIN LATERAL (SELECT true AS yes FROM contact_pair c
          WHERE c.app_id = q.app_id AND c.low_id = least(q.sender_id, q.recipient_id)
            AND c.high_id = greatest(q.sender_id, q.recipient_id) AND c.state = 2 LIMIT 1) c ON true
        ORDER BY q.ord`,
      values: [asked.map(({ question }) => question.appId), asked.map(({ question }) => String(question.senderId)), asked.map(({ question }) => String(question.recipientId))],
    });
    rows.forEach((row, i) => Object.assign(asked[i]!.answer, row));
  }

  private async mutes(asked: readonly { question: Question; answer: policy.PolicyAnswer }[]): Promise<void> {
    if (asked.length === 0) return;
    const { rows } = await this.pool.query<{ ord: number; kind: keyof typeof fieldOf; until_ms: string }>({
      name: 'mutes_of_senders',
      text: `SELECT q.ord::int AS ord, m.kind,
          CASE WHEN m.until = 'infinity' THEN -1 ELSE (extract(epoch FROM m.until) * 1000)::bigint END AS until_ms
        FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS q(app_id, user_id, ord)
        CROSS JOIN LATERAL (SELECT kind, until FROM global_mute g
          WHERE g.app_id = q.app_id AND g.user_id = q.user_id AND g.until > clock_timestamp() LIMIT 3) m`,
      values: [asked.map(({ question }) => question.appId), asked.map(({ question }) => String(question.senderId))],
    });
    for (const row of rows) asked[row.ord - 1]!.answer[fieldOf[row.kind]] = BigInt(row.until_ms);
  }
}

const fieldOf = { chat: 'chatMutedUntilMs', groupchat: 'groupMutedUntilMs', chatroom: 'roomMutedUntilMs' } as const;
