import { Injectable } from '@nestjs/common';
import { Rounds } from '@parley/rpc';
import { createLogger } from '@parley/telemetry';
import { ContactStore } from './contacts/contact.store.js';
import { DeletionService } from './deletion/deletion.service.js';
import { DepartureStore } from './deletion/departure.store.js';
import { MutesStore } from './mutes/mutes.store.js';
import { SubscriptionStore } from './presence/subscription.store.js';
import { RevocationStore } from './revocation/revocation.store.js';

const log = createLogger('user');
const EVERY_MS = 30_000;
/** A deletion this young is most likely still being announced by the call that made it. */
const ANNOUNCE_AFTER_MS = 15_000;
/** How long lists show mutes that are over. */
const MUTES_LISTED_DAYS = 7;

/** What the service does by itself now and then: tell of deletions whose event the bus did not take at first, and
 * forget old departures, revocations, mutes, subscriptions and invitations. */
@Injectable()
export class Housekeeping {
  readonly rounds = new Rounds(EVERY_MS, () => this.round(), (error) => log.warn({ err: error }, 'housekeeping will be done later'));

  constructor(
    private readonly deletion: DeletionService,
    private readonly departures: DepartureStore,
    private readonly revocations: RevocationStore,
    private readonly mutes: MutesStore,
    private readonly subscriptions: SubscriptionStore,
    private readonly contacts: ContactStore,
  ) {}

  private async round(): Promise<void> {
    await this.deletion.announceLeftOver(ANNOUNCE_AFTER_MS);
    await this.departures.forgetOld();
    await this.revocations.forgetOld();
    await this.mutes.forgetOld(MUTES_LISTED_DAYS);
    await this.subscriptions.forgetExpired();
    await this.contacts.forgetLapsed();
  }
}
