import { Injectable } from '@nestjs/common';
import type { adminAccess, organisations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { SecretHasher } from '@parley/tokens';
import { AdministratorStore } from '../administrators/administrator.store.js';
import type { AdministratorRow } from '../administrators/administrator.view.js';
import { Acts } from '../audit/acts.js';
import { checkPassword } from './password.rules.js';
import { signInAllowances, ThrottleStore } from './throttle.store.js';

const NAME_MAX_LENGTH = 100;
const PASSWORD_MAX_LENGTH = 256;

/** Checks who somebody is by his password. */
@Injectable()
export class SignInService {
  /** Checked when there is nobody of that name, so that the time of the answer does not say so. */
  private nobody: Promise<string> | undefined;

  constructor(
    private readonly administrators: AdministratorStore,
    private readonly throttle: ThrottleStore,
    private readonly hasher: SecretHasher,
    private readonly acts: Acts,
  ) {}

  /** The person of that name and password. @throws DomainError sign_in_refused, sign_in_throttled */
  async check(who: { org: string; login: string; password: string; origin: adminAccess.Origin | undefined }): Promise<AdministratorRow> {
    const [org, login] = [who.org, who.login].map((name) => name.trim().toLowerCase().slice(0, NAME_MAX_LENGTH)) as [string, string];
    const allowances = signInAllowances(`${org}/${login}`, who.origin?.address ?? '');
    await this.throttle.take(allowances);
    const found = [org, login].some((name) => name.includes('\u0000')) ? undefined : await this.administrators.byLogin(org, login);
    const person = found?.kind === 'person' ? found : undefined;
    const right = await this.isRight(who.password, person?.secretHash);
    if (!person || !right || person.disabled) {
      if (person) {
        const act = { name: 'session.started', org, target: login };
        await this.acts.refused({ org, adminId: person.adminId, login, origin: who.origin }, act, 'sign_in_refused');
      }
      throw new DomainError('sign_in_refused');
    }
    await this.throttle.giveBack(allowances);
    return person;
  }

  /**
   * His other sessions end with the old password.
   * @throws DomainError sign_in_refused, sign_in_throttled, admin_password_weak, admin_not_a_person
   */
  async changePassword({ actor, oldPassword, newPassword }: organisations.ChangePasswordRequest): Promise<void> {
    const { org, adminId, login, sessionId, kind, origin } = actor!;
    if (kind !== 'person') throw new DomainError('admin_not_a_person');
    checkPassword(newPassword, login);
    await this.check({ org, login, password: oldPassword, origin });
    const secretHash = await this.hasher.hash(newPassword);
    await this.acts.run(actor!, { name: 'password.changed', org, target: login }, async (tx) => {
      await tx.administrator.update({ where: { org_adminId: { org, adminId } }, data: { secretHash } });
      await tx.authorizationCode.deleteMany({ where: { org, adminId } });
      await tx.adminSession.deleteMany({ where: { org, adminId, sessionId: { not: sessionId } } });
    });
  }

  private async isRight(password: string, secretHash: string | undefined): Promise<boolean> {
    if (password.length > PASSWORD_MAX_LENGTH) return false;
    this.nobody ??= this.hasher.hash('nobody');
    const right = await this.hasher.verify(password, secretHash ?? (await this.nobody));
    return right && secretHash !== undefined;
  }
}
