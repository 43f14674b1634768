import { foldUsername, isLegalUsername, type TenantRef } from '@parley/kernel';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { type AppUser, type Prisma, PrismaClient } from '../generated/client.js';

export interface NewAccount {
  username: string;
  passwordHash: string | null;
  nickname: string;
}

/** What changes of a user without ending his tokens. */
export type OwnChange = { [K in 'nickname' | 'activated' | 'pushStyle' | 'pushLanguage']?: AppUser[K] | undefined };

/** A legal, folded name in an app. */
export interface NamedAccount {
  readonly appId: number;
  readonly username: string;
}

/** As Prisma names them. */
const COLUMNS = `app_id AS "appId", user_id::text AS "userId", uuid, username, password_hash AS "passwordHash", nickname, activated,
  push_style AS "pushStyle", push_language AS "pushLanguage", token_epoch AS "tokenEpoch", tokens_valid_from AS "tokensValidFrom", created_at AS "createdAt", modified_at AS "modifiedAt"`;
type Row = Omit<AppUser, 'userId'> & { userId: string };

/**
 * Users of one app by name. Every query begins with the app. What every login and registration asks is plain SQL: made by
 * Prisma, each of these costs about a millisecond of CPU more.
 */
@Injectable()
export class AccountStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly pool: Pool,
  ) {}

  /** The user of that name in any case; undefined also for a name that nobody can have. */
  async find(tenant: TenantRef, name: string): Promise<AppUser | undefined> {
    const username = foldUsername(name);
    if (!isLegalUsername(username)) return undefined;
    const text = `SELECT ${COLUMNS} FROM app_user WHERE app_id = $1 AND username = $2`;
    return (await this.rows('account_by_name', text, [tenant.appId, username]))[0];
  }

  /** The user of that uuid in this app. */
  async findByUuid(tenant: TenantRef, uuid: string): Promise<AppUser | undefined> {
    const text = `SELECT ${COLUMNS} FROM app_user WHERE app_id = $1 AND uuid = $2`;
    return (await this.rows('account_by_uuid', text, [tenant.appId, uuid]))[0];
  }

  /** The users among these folded names, in no particular order. */
  async findMany(tenant: TenantRef, usernames: readonly string[]): Promise<AppUser[]> {
    const legal = usernames.filter(isLegalUsername);
    if (legal.length === 0) return [];
    const text = `SELECT ${COLUMNS} FROM app_user WHERE app_id = $1 AND username = ANY($2::text[])`;
    return this.rows('accounts_by_name', text, [tenant.appId, legal]);
  }

  /**
   * Stores new users and answers those stored; a name that is taken is left out.
   * @param most users that the app may have: those beyond it are left out as well
   */
  async insert(tenant: TenantRef, accounts: readonly NewAccount[], most?: number): Promise<AppUser[]> {
    if (accounts.length === 0) return [];
    const text = `INSERT INTO app_user (app_id, username, password_hash, nickname)
      SELECT $1, a.username, a.password_hash, a.nickname
      FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS a(username, password_hash, nickname, n) ORDER BY a.n
      ON CONFLICT (app_id, username) DO NOTHING RETURNING ${COLUMNS}`;
    const column = (of: (account: NewAccount) => string | null) => accounts.map(of);
    const values = [tenant.appId, column((one) => one.username), column((one) => one.passwordHash), column((one) => one.nickname)];
    if (most === undefined) return this.rows('insert_accounts', text, values);
    return this.rows('insert_accounts_within', `SELECT ${COLUMNS} FROM insert_accounts_within($1, $2::text[], $3::text[], $4::text[], $5)`, [...values, most]);
  }

  /**
   * The users of these names, those who were missing made without a password, in no particular order. One is left out when
   * somebody else made him at this very moment.
   */
  async ensure(accounts: readonly NamedAccount[]): Promise<(AppUser & { isNew: boolean })[]> {
    // In key order, so that two batches never wait for each other crosswise.
    const text = `WITH asked AS MATERIALIZED (SELECT DISTINCT app_id, username FROM unnest($1::integer[], $2::text[]) AS a(app_id, username)),
      known AS MATERIALIZED (SELECT u.* FROM asked a JOIN app_user u USING (app_id, username)),
      made AS (
        INSERT INTO app_user (app_id, username)
        SELECT a.app_id, a.username FROM asked a
        WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.app_id = a.app_id AND k.username = a.username) ORDER BY 1, 2
        ON CONFLICT (app_id, username) DO NOTHING RETURNING *)
      SELECT ${COLUMNS}, false AS "isNew" FROM known UNION ALL SELECT ${COLUMNS}, true FROM made`;
    return this.rows('ensure_accounts', text, [accounts.map((one) => one.appId), accounts.map((one) => one.username)]);
  }

  /** Changes what is the user's own. Undefined when he is gone. */
  async change(tenant: TenantRef, userId: bigint, change: OwnChange, db: Pick<Prisma.TransactionClient, 'appUser'> = this.prisma): Promise<AppUser | undefined> {
    const [row] = await db.appUser.updateManyAndReturn({
      where: { appId: tenant.appId, userId },
      data: { ...change, modifiedAt: new Date() },
    });
    return row;
  }

  /** Sets nicknames by folded name, in one statement, and answers the names of the users there are. */
  async setNicknames(tenant: TenantRef, nicknames: ReadonlyMap<string, string>): Promise<Set<string>> {
    // Locked in the order of their keys, as logins and deletions do.
    const text = `WITH wanted AS MATERIALIZED (
        SELECT u.user_id, n.nickname FROM app_user u JOIN unnest($2::text[], $3::text[]) AS n(username, nickname) USING (username)
        WHERE u.app_id = $1 ORDER BY u.user_id FOR NO KEY UPDATE OF u)
      UPDATE app_user u SET nickname = w.nickname, modified_at = now() FROM wanted w
      WHERE u.app_id = $1 AND u.user_id = w.user_id RETURNING u.username`;
    const legal = [...nicknames].filter(([username]) => isLegalUsername(username));
    const values = [tenant.appId, legal.map(([username]) => username), legal.map(([, nickname]) => nickname)];
    const { rows } = await this.pool.query<{ username: string }>({ name: 'set_nicknames', text, values });
    return new Set(rows.map((row) => row.username));
  }

  /** Up to `limit` users after a user id, oldest first. */
  async page(tenant: TenantRef, afterUserId: bigint, limit: number): Promise<AppUser[]> {
    return this.prisma.appUser.findMany({
      where: { appId: tenant.appId, userId: { gt: afterUserId } },
      orderBy: { userId: 'asc' },
      take: limit,
    });
  }

  private async rows<T = unknown>(name: string, text: string, values: unknown[]): Promise<(AppUser & T)[]> {
    const { rows } = await this.pool.query<Row & T>({ name, text, values });
    return rows.map((row) => ({ ...row, userId: BigInt(row.userId) }));
  }
}
