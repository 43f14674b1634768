import { Injectable } from '@nestjs/common';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { lockUsers } from '../accounts/user.lock.js';
import { noteNews, type Origin } from '../contact-news/news.store.js';
import { type AppUser, type ContactPair, type Prisma, PrismaClient } from '../generated/client.js';
import { type Act, INVITATION_MS, INVITATIONS_MOST, outcomeOf, type Relation } from './contact.rules.js';

const LOW_INVITES = 0;
const HIGH_INVITES = 1;
const CONTACTS = 2;
const REMOVED_AT_ONCE = 500;

type Tx = Prisma.TransactionClient;

/** Relations of users, each changed under the locks of both, together with its news. */
@Injectable()
export class ContactStore {
  constructor(private readonly prisma: PrismaClient) {}

  /**
   * One act of one user towards another.
   * @param most contacts that each of them may have
   * @returns both users, and whether anything changed
   * @throws DomainError user_not_found, contact_limit, contact_invitations_limit and those of outcomeOf
   */
  async act(
    tenant: TenantRef,
    names: { actor: string; other: string },
    act: Act['kind'],
    most: number,
    origin: Origin,
  ): Promise<{ actor: AppUser; other: AppUser; changed: boolean }> {
    return this.prisma.$transaction(async (tx) => {
      const [actor, other] = (await lockUsers(tx, tenant, [names.actor, names.other])) as [AppUser, AppUser];
      const key = keyOf(tenant, actor, other);
      const row = await tx.contactPair.findUnique({ where: { appId_lowId_highId: key } });
      const relation = relationOf(row, actor);
      const outcome = outcomeOf(
        relation,
        act === 'invite' ? { kind: act, reason: origin.reason ?? '', blocked: await this.hasBlocked(tx, other, actor) } : { kind: act },
      );
      if (!outcome) return { actor, other, changed: false };
      if (outcome.relation.state === 'contacts') await this.checkRoom(tx, [actor, other], most);
      if (outcome.relation.state === 'invited' && relation.state !== 'invited') await this.checkInvitations(tx, actor, other, most);
      await this.write(tx, key, outcome.relation, actor);
      await noteNews(tx, tenant, outcome.news, actor, [other], origin);
      return { actor, other, changed: true };
    });
  }

  /** Removes contacts of a user, with news, until none is left; answers whose, a part at a time. */
  async *removeAll(tenant: TenantRef, name: string): AsyncGenerator<{ owner: AppUser; others: bigint[] }> {
    for (;;) {
      const part = await this.prisma.$transaction(async (tx) => {
        const [owner] = (await lockUsers(tx, tenant, [name])) as [AppUser];
        const rows = await tx.contactPair.findMany({
          where: { appId: tenant.appId, state: CONTACTS, OR: [{ lowId: owner.userId }, { highId: owner.userId }] },
          take: REMOVED_AT_ONCE,
        });
        return { owner, others: await this.removeRows(tx, tenant, owner, rows) };
      });
      if (part.others.length === 0) return;
      yield part;
    }
  }

  /** Everything that users who are being deleted have with others, who are told; part of that transaction, which holds their locks. */
  async depart(tx: Tx, { appId, appUuid, org, app }: TenantRef, departing: readonly AppUser[]): Promise<void> {
    const ids = departing.map((one) => one.userId);
    await tx.$executeRaw`WITH gone AS (
        DELETE FROM contact_pair WHERE app_id = ${appId} AND (low_id = ANY(${ids}) OR high_id = ANY(${ids})) RETURNING low_id, high_id, state
      )
      INSERT INTO contact_news (app_id, app_uuid, org, app, kind, actor_id, actor, other_id, other)
      SELECT ${appId}, ${appUuid}::uuid, ${org}, ${app}, 'departed', a.user_id, a.username, o.user_id, o.username
      FROM gone g
      JOIN app_user a ON a.app_id = ${appId} AND a.user_id IN (g.low_id, g.high_id) AND a.user_id = ANY(${ids})
      JOIN app_user o ON o.app_id = ${appId} AND o.user_id = g.low_id + g.high_id - a.user_id AND o.user_id <> ALL(${ids})
      WHERE g.state = ${CONTACTS}`;
  }

  /** @throws DomainError user_not_found, contact_remark_not_friends */
  async setRemark(tenant: TenantRef, names: { actor: string; other: string }, remark: string): Promise<void> {
    await this.prisma.$transaction(async (tx) => {
      const [actor, other] = (await lockUsers(tx, tenant, [names.actor, names.other])) as [AppUser, AppUser];
      const { count } = await tx.contactPair.updateMany({
        where: { ...keyOf(tenant, actor, other), state: CONTACTS },
        data: actor.userId < other.userId ? { lowRemark: remark } : { highRemark: remark },
      });
      if (count === 0) throw new DomainError('contact_remark_not_friends');
    });
  }

  /** Forgets invitations that have lapsed, of all apps: the service's own clean-up. */
  async forgetLapsed(): Promise<void> {
    await this.prisma.$executeRaw`DELETE FROM contact_pair WHERE expires_at < now()`;
  }

  private async write(tx: Tx, key: PairKey, relation: Relation, actor: AppUser): Promise<void> {
    if (relation.state === 'strangers') {
      await tx.contactPair.deleteMany({ where: key });
      return;
    }
    // Only the one who acts invites.
    const invites = actor.userId === key.lowId ? LOW_INVITES : HIGH_INVITES;
    const data =
      relation.state === 'contacts'
        ? { state: CONTACTS, reason: '', expiresAt: null, changedAt: new Date() }
        : { state: invites, reason: relation.reason, expiresAt: new Date(Date.now() + INVITATION_MS), changedAt: new Date() };
    await tx.contactPair.upsert({ where: { appId_lowId_highId: key }, create: { ...key, ...data }, update: data });
  }

  private async removeRows(tx: Tx, tenant: TenantRef, owner: AppUser, rows: readonly ContactPair[]): Promise<bigint[]> {
    const { appId } = tenant;
    const ids = rows.map((row) => (row.lowId === owner.userId ? row.highId : row.lowId));
    if (ids.length === 0) return ids;
    await tx.contactPair.deleteMany({ where: { appId, OR: [{ lowId: owner.userId, highId: { in: ids } }, { highId: owner.userId, lowId: { in: ids } }] } });
    await noteNews(tx, tenant, 'removed', owner, await tx.appUser.findMany({ where: { appId, userId: { in: ids } } }), { resource: '' });
    return ids;
  }

  private async hasBlocked(tx: Tx, user: AppUser, blocked: AppUser): Promise<boolean> {
    const { appId, userId } = user;
    return (await tx.userBlock.count({ where: { appId, userId, blockedId: blocked.userId } })) > 0;
  }

  private async checkRoom(tx: Tx, users: readonly AppUser[], most: number): Promise<void> {
    for (const { appId, userId } of users) {
      const count = await tx.contactPair.count({ where: { appId, state: CONTACTS, OR: [{ lowId: userId }, { highId: userId }] } });
      if (count >= most) throw new DomainError('contact_limit');
    }
  }

  private async checkInvitations(tx: Tx, inviter: AppUser, invitee: AppUser, most: number): Promise<void> {
    await this.checkRoom(tx, [inviter], most);
    const { appId } = inviter;
    const expiresAt = { gt: new Date() };
    const sent = await tx.contactPair.count({
      where: { appId, expiresAt, OR: [{ lowId: inviter.userId, state: LOW_INVITES }, { highId: inviter.userId, state: HIGH_INVITES }] },
    });
    const waiting = await tx.contactPair.count({
      where: { appId, expiresAt, OR: [{ lowId: invitee.userId, state: HIGH_INVITES }, { highId: invitee.userId, state: LOW_INVITES }] },
    });
    if (sent >= INVITATIONS_MOST || waiting >= INVITATIONS_MOST) throw new DomainError('contact_invitations_limit');
  }
}

interface PairKey {
  readonly appId: number;
  readonly lowId: bigint;
  readonly highId: bigint;
}

function keyOf({ appId }: TenantRef, one: AppUser, other: AppUser): PairKey {
  const [lowId, highId] = one.userId < other.userId ? [one.userId, other.userId] : [other.userId, one.userId];
  return { appId, lowId, highId };
}

function relationOf(row: ContactPair | null, actor: AppUser): Relation {
  if (!row || (row.expiresAt && row.expiresAt.getTime() <= Date.now())) return { state: 'strangers' };
  if (row.state === CONTACTS) return { state: 'contacts' };
  const inviterId = row.state === LOW_INVITES ? row.lowId : row.highId;
  return { state: 'invited', by: inviterId === actor.userId ? 'actor' : 'other', reason: row.reason };
}
