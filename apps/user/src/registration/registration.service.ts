import { Injectable } from '@nestjs/common';
import { Bus, eventSubjects, RequestBatcher } from '@parley/bus';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import type { TenantRef } from '@parley/kernel';
import { createLogger } from '@parley/telemetry';
import { SecretHasher } from '@parley/tokens';
import { AccountStore, type NewAccount } from '../accounts/account.store.js';
import { toUser } from '../accounts/user.view.js';
import type { AppUser } from '../generated/client.js';
import { NameNews } from '../resolving/name.news.js';
import { QuotaDirectory } from '../usage/quotas.js';
import { reasonOf } from './failure.reason.js';
import { checkBatchSize, checkNickname, checkPassword, checkUsername, withoutRepetitions } from './registration.rules.js';

const log = createLogger('user');

/** A batch must not fill the queue of the hasher on its own. */
const HASHED_AT_ONCE = 4;

/** A legal, folded name that somebody wants to be there. */
interface Asked {
  readonly tenant: TenantRef;
  readonly username: string;
}

/** Registers users, one or up to 60 at a time. */
@Injectable()
export class RegistrationService {
  /** Users who are asked for at the same moment share a commit and an event. */
  private readonly ensuring = new RequestBatcher((asked: Asked[]) => this.ensureAll(asked), { batch: 200, concurrency: 2 });

  constructor(
    private readonly accounts: AccountStore,
    private readonly hasher: SecretHasher,
    private readonly bus: Bus,
    private readonly quotas: QuotaDirectory,
    private readonly news: NameNews,
  ) {}

  /**
   * A single registration fails with its reason; in a batch each user succeeds or fails alone.
   * @throws DomainError batch_too_large, same_user_different_password; for a single one also username_illegal,
   *   username_too_long, password_required, password_too_long, nickname_too_long, username_taken, users_full.
   */
  async register(tenant: TenantRef, request: user.RegisterUsersRequest): Promise<user.RegisterUsersResponse> {
    checkBatchSize(request.users.length);
    const failed: user.RegistrationFailure[] = [];
    const fail = (username: string, error: DomainError) => {
      if (request.single) throw error;
      failed.push({ username, reason: reasonOf(error, username) });
    };

    const checked: user.NewUser[] = [];
    for (const item of withoutRepetitions(request.users)) {
      try {
        const username = checkUsername(item.username);
        checkPassword(item.password);
        checked.push({ username, password: item.password, nickname: checkNickname(item.nickname) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        fail(item.username, error);
      }
    }

    const taken = await this.taken(tenant, checked);
    const fresh = await this.hashed(tenant, checked.filter((item) => !taken.has(item.username)));
    const { users: most } = await this.quotas.of(tenant.appId);
    const created = await this.accounts.insert(tenant, fresh, most);
    const names = new Set(created.map((row) => row.username));
    await this.announce(tenant, created);
    const left = checked.filter(({ username }) => !names.has(username));
    // With a quota there are two reasons: it, or another caller who took the name meanwhile.
    const known = most === undefined ? undefined : await this.taken(tenant, left);
    for (const { username } of left) {
      const isTaken = known?.has(username) ?? true;
      fail(username, isTaken ? new DomainError('username_taken', { appUuid: tenant.appUuid, username }) : new DomainError('users_full'));
    }
    // In the order asked, which callers can follow.
    const order = request.users.map((item) => item.username.toLowerCase());
    const place = (name: string) => order.indexOf(name.toLowerCase());
    created.sort((a, b) => place(a.username) - place(b.username));
    failed.sort((a, b) => place(a.username) - place(b.username));
    return { created: created.map((row) => toUser(row)), failed };
  }

  /**
   * The user of that name, made without a password when missing and wanted. Of callers at the same moment one makes him.
   * @throws DomainError entity_user_not_found (not wanted), username_illegal, username_too_long,
   *   users_full, concurrent_create (made by another caller at this moment).
   */
  async ensure(tenant: TenantRef, name: string, autoCreate: boolean): Promise<user.User> {
    if (!autoCreate) {
      const existing = await this.accounts.find(tenant, name);
      if (!existing) throw new DomainError('entity_user_not_found');
      return toUser(existing);
    }
    const username = checkUsername(name);
    const { users: most } = await this.quotas.of(tenant.appId);
    const row = await (most === undefined ? this.ensuring.ask({ tenant, username }) : this.ensureWithin(tenant, username, most));
    // Somebody else made him at this very moment: asked again, he is found.
    if (!row) throw new DomainError('concurrent_create');
    return toUser(row);
  }

  private async ensureAll(asked: readonly Asked[]): Promise<(AppUser | undefined)[]> {
    const rows = await this.accounts.ensure(asked.map(({ tenant, username }) => ({ appId: tenant.appId, username })));
    const tenants = new Map(asked.map(({ tenant }) => [tenant.appId, tenant]));
    const made = (appId: number) => rows.filter((row) => row.isNew && row.appId === appId);
    await Promise.all([...tenants.values()].map((tenant) => this.announce(tenant, made(tenant.appId))));
    const byName = new Map(rows.map((row) => [`${row.appId} ${row.username}`, row]));
    return asked.map(({ tenant, username }) => byName.get(`${tenant.appId} ${username}`));
  }

  /** In an app that may have no more than so many users. @throws DomainError users_full */
  private async ensureWithin(tenant: TenantRef, username: string, most: number): Promise<AppUser | undefined> {
    const existing = await this.accounts.find(tenant, username);
    if (existing) return existing;
    const [created] = await this.accounts.insert(tenant, [{ username, nickname: '', passwordHash: null }], most);
    if (!created && !(await this.accounts.find(tenant, username))) throw new DomainError('users_full');
    if (created) await this.announce(tenant, [created]);
    return created;
  }

  /** Those of the names that somebody has. */
  private async taken(tenant: TenantRef, users: readonly { username: string }[]): Promise<ReadonlySet<string>> {
    return new Set((await this.accounts.findMany(tenant, users.map((one) => one.username))).map((one) => one.username));
  }

  private async hashed(tenant: TenantRef, users: readonly user.NewUser[]): Promise<NewAccount[]> {
    const accounts: NewAccount[] = [];
    for (let at = 0; at < users.length; at += HASHED_AT_ONCE) {
      const hashing = users.slice(at, at + HASHED_AT_ONCE).map(async ({ username, password, nickname }) => {
        return { username, nickname, passwordHash: await this.hasher.hash(password, tenant.appId) };
      });
      accounts.push(...(await Promise.all(hashing)));
    }
    return accounts;
  }

  /** One event for all. The users are stored: if the bus is away, they are registered all the same. */
  private async announce(tenant: TenantRef, rows: readonly AppUser[]): Promise<void> {
    if (rows.length === 0) return;
    await this.news.taken(tenant, rows.map((row) => row.username));
    const { appId } = tenant;
    const users = rows.map(({ userId, username }) => ({ userId, username }));
    try {
      await this.bus.publishEvent(eventSubjects.usersRegistered, appId, { appId, users }, { dedupeId: `registered.${users[0]!.userId}` });
    } catch (error) {
      log.warn({ err: error, count: users.length }, 'UsersRegistered was not taken');
    }
  }
}
