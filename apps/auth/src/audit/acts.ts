import { Injectable } from '@nestjs/common';
import type { adminAccess } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { createLogger } from '@parley/telemetry';
import { Prisma, PrismaClient } from '../generated/client.js';

const log = createLogger('auth');
const TEXT_MAX_LENGTH = 256;

export type Tx = Prisma.TransactionClient;
export type Actor = Pick<adminAccess.Actor, 'org' | 'adminId' | 'login' | 'origin'>;

/** What the platform does by itself. */
export const PLATFORM: Actor = { org: '-', adminId: '', login: 'the platform', origin: { address: '', userAgent: '' } };

/** What is done to what. Never a secret. */
export interface Act {
  /** As `invitation.created`: the kind of thing, and what became of it. */
  readonly name: string;
  readonly org: string;
  readonly app?: string;
  readonly target?: string;
  readonly detail?: Record<string, Prisma.InputJsonValue>;
}

/** Every administrative act goes through here, so that none is without its line in the audit log. */
@Injectable()
export class Acts {
  constructor(private readonly prisma: PrismaClient) {}

  /**
   * Does the work in one transaction with its audit entry: both are there or neither. Work that the rules refuse is rolled
   * back and written down with the error's code.
   * @param work may add to the act what is known only afterwards, by `note`
   */
  async run<T>(actor: Actor, act: Act, work: (tx: Tx, note: (more: Partial<Act>) => void) => Promise<T>): Promise<T> {
    try {
      return await this.prisma.$transaction(async (tx) => {
        let noted = act;
        const result = await work(tx, (more) => {
          noted = { ...noted, ...more, detail: { ...noted.detail, ...more.detail } };
        });
        await write(tx, actor, noted, 'done');
        return result;
      });
    } catch (error) {
      if (error instanceof DomainError) await this.refused(actor, act, error.code);
      throw error;
    }
  }

  /** Writes down what is done elsewhere. @throws when it could not be written: then it must not be done */
  async note(actor: Actor, act: Act, outcome: string): Promise<void> {
    await write(this.prisma, actor, act, outcome);
  }

  /** Writes down what was not done. A log that cannot be written to does not change the answer. */
  async refused(actor: Actor, act: Act, outcome: string): Promise<void> {
    await write(this.prisma, actor, act, outcome).catch((error: unknown) => log.error({ err: error, act: act.name }, 'a refused act was not written down'));
  }
}

async function write(tx: Tx, actor: Actor, act: Act, outcome: string): Promise<void> {
  await tx.auditEntry.create({
    data: {
      org: act.org,
      actorId: actor.adminId === '' ? null : actor.adminId,
      actorOrg: actor.org,
      actor: short(actor.login),
      act: act.name,
      app: act.app ?? '',
      target: short(act.target ?? ''),
      detail: act.detail ?? {},
      address: short(actor.origin?.address ?? ''),
      userAgent: short(actor.origin?.userAgent ?? ''),
      outcome,
    },
  });
}

/** As much of a caller's text as is kept; PostgreSQL takes no NUL. */
function short(text: string): string {
  return text.replaceAll('\u0000', '').slice(0, TEXT_MAX_LENGTH);
}
