import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import { type AdminCall, appOf } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';

/** What is done to what. Nothing that users wrote. */
export interface ModerationAct {
  /** As `user.deactivated`. */
  readonly name: string;
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Acts upon what other services than auth keep, each with its line in the audit log. */
@Injectable()
export class ModerationActs {
  constructor(private readonly clients: AdminClients) {}

  /** The line comes first, so that nothing is done without one. What the service refuses gets another, with the error's code. */
  async run<T>(call: AdminCall, act: ModerationAct, work: () => Promise<T>): Promise<T> {
    await this.#note(call, act, 'begun');
    try {
      return await work();
    } catch (error) {
      if (error instanceof DomainError) await this.#note(call, act, error.code);
      throw error;
    }
  }

  async #note(call: AdminCall, { name, target, detail = {} }: ModerationAct, outcome: string): Promise<void> {
    const { org, app } = appOf(call);
    await this.clients.access.noteAct({ actor: call.actor, org, app, act: name, target, detailJson: JSON.stringify(detail), outcome });
  }
}
