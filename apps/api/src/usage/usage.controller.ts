import { Controller, Inject } from '@nestjs/common';
import type { messageUsage } from '@parley/contracts';
import { FILE_CLIENT, type FileClient } from '../file/file.client.js';
import { type Call, tenantOf, TheCall } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { MESSAGE_USAGE_CLIENT, type MessageUsageClient, USER_USAGE_CLIENT, type UserUsageClient } from './usage.clients.js';
import { MESSAGE_TYPES, usageAnswer, usageRange } from './usage.schemas.js';

/** What an app uses, day by day. */
@Controller()
export class UsageController {
  constructor(
    @Inject(USER_USAGE_CLIENT) private readonly users: UserUsageClient,
    @Inject(MESSAGE_USAGE_CLIENT) private readonly messages: MessageUsageClient,
    @Inject(FILE_CLIENT) private readonly files: FileClient,
  ) {}

  @Operation('GET', '/usage', {
    summary: 'What the app uses: users, active users, connections, messages, attachments',
    access: ['app'],
    query: usageRange,
    answer: usageAnswer,
    reduced: true,
    errors: ['illegal_argument'],
  })
  async usage(@TheCall() call: Call): Promise<EnvelopeFields> {
    const asked = { tenant: tenantOf(call), ...parse(usageRange, call.query) };
    const [users, messages, files] = await Promise.all([
      this.users.getUserUsage(asked),
      this.messages.getMessageUsage(asked),
      this.files.getUsage({ tenant: asked.tenant }),
    ]);
    const byDay = messagesByDay(messages.counts);
    return {
      data: {
        registered_users: Number(users.registeredUsers),
        attachments: { files: Number(files.files), bytes: Number(files.bytes) },
        days: users.days.map((one) => {
          const stored = byDay.get(one.day) ?? {};
          return {
            day: one.day,
            registered_users: one.registeredUsers === undefined ? null : Number(one.registeredUsers),
            active_users: Number(one.activeUsers),
            peak_connections: Number(one.peakConnections),
            messages: stored,
            messages_total: Object.values(stored).reduce((sum, n) => sum + n, 0),
          };
        }),
        months: users.months.map(({ month, activeUsers }) => ({ month, active_users: Number(activeUsers) })),
      },
    };
  }
}

function messagesByDay(counts: readonly messageUsage.MessageCount[]): ReadonlyMap<string, Record<string, number>> {
  const byDay = new Map<string, Record<string, number>>();
  for (const { day, type, messages } of counts) {
    const name = MESSAGE_TYPES[type] ?? `type_${type}`;
    byDay.set(day, { ...byDay.get(day), [name]: Number(messages) });
  }
  return byDay;
}
