import { Inject, Injectable } from '@nestjs/common';
import type { organisations, registrations } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { networkOf } from '@parley/kernel';
import { SecretHasher } from '@parley/tokens';
import { AdministratorStore } from '../administrators/administrator.store.js';
import { loginOf, PLATFORM_ORG } from '../administrators/grant.rules.js';
import { Acts, type Tx } from '../audit/acts.js';
import { AUTH_CONFIG } from '../auth.tokens.js';
import type { AuthConfig } from '../config.js';
import { type OrganisationRegistration, PrismaClient } from '../generated/client.js';
import { organisationName } from '../organisations/organisation.rules.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { afterCursor, pageOf, pageSize } from '../paging/cursor.js';
import { checkPassword } from '../sign-in/password.rules.js';
import { type Allowance, ThrottleStore } from '../sign-in/throttle.store.js';

const DAY_MS = 24 * 3_600_000;
const WAITS_DAYS = 30;

/** What an organisation is made of that registered itself. */
type Asked = Pick<OrganisationRegistration, 'name' | 'displayName' | 'ownerLogin' | 'ownerName' | 'secretHash'>;

/** Successes count as well: an organisation is what is to be scarce here. */
function allowances(address: string): Allowance[] {
  return [
    { key: `registration from ${networkOf(address)}`, most: 10, windowSeconds: 3_600 },
    { key: 'registration from anywhere', most: 200, windowSeconds: 3_600 },
  ];
}

/** Organisations that register themselves, where the operator lets them. */
@Injectable()
export class RegistrationsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly organisations: OrganisationsService,
    private readonly administrators: AdministratorStore,
    private readonly throttle: ThrottleStore,
    private readonly hasher: SecretHasher,
    private readonly acts: Acts,
    @Inject(AUTH_CONFIG) private readonly config: Pick<AuthConfig, 'organisationRegistration'>,
  ) {}

  /**
   * @throws DomainError org_registration_closed | org_name_illegal | org_name_reserved | org_name_taken |
   * admin_login_illegal | admin_password_weak | sign_in_throttled
   */
  async register(request: registrations.RegisterRequest): Promise<registrations.RegisterResponse> {
    const { displayName, ownerName, password, origin } = request;
    const mode = this.config.organisationRegistration;
    if (mode === 'off') throw new DomainError('org_registration_closed');
    const name = organisationName(request.name);
    const ownerLogin = loginOf(request.ownerLogin);
    checkPassword(password, ownerLogin);
    const address = origin?.address ?? '';
    await this.throttle.take(allowances(address));
    const asked = { name, displayName: displayName === '' ? name : displayName, ownerLogin, ownerName, secretHash: await this.hasher.hash(password) };
    const waits = mode === 'approval';
    // What is refused is the platform's affair: a stranger must not write to the log of whose name he tries.
    const act = { name: waits ? 'registration.asked' : 'organisation.registered', org: PLATFORM_ORG, target: name, detail: { owner: ownerLogin } };
    await this.acts.run({ org: name, adminId: '', login: ownerLogin, origin }, act, async (tx, note) => {
      if (waits) return this.keep(tx, { ...asked, address: address.slice(0, 64) });
      if (await tx.organisationRegistration.findUnique({ where: { name } })) throw new DomainError('org_name_taken', { name });
      await this.found(tx, asked);
      note({ org: name });
    });
    return { name, displayName: asked.displayName, ownerLogin, waitsForApproval: waits };
  }

  /** Those that wait for an operator, by name. */
  async list({ limit, cursor }: registrations.ListRegistrationsRequest): Promise<registrations.ListRegistrationsResponse> {
    const size = pageSize(limit);
    const after = afterCursor(cursor);
    const rows = await this.prisma.organisationRegistration.findMany({
      where: after === undefined ? {} : { name: { gt: after } },
      orderBy: { name: 'asc' },
      take: size + 1,
    });
    const { page, nextCursor } = pageOf(rows, size, (row) => row.name);
    return { registrations: page.map(toRegistration), nextCursor };
  }

  /** @throws DomainError admin_not_found; org_name_taken, when an operator made an organisation of that name meanwhile */
  async approve({ actor, name }: registrations.RegistrationRef): Promise<organisations.Organisation> {
    return this.acts.run(actor!, { name: 'registration.approved', org: PLATFORM_ORG, target: name }, async (tx, note) => {
      const asked = await this.take(tx, name);
      note({ org: asked.name, target: asked.name, detail: { owner: asked.ownerLogin } });
      return this.found(tx, asked);
    });
  }

  /** @throws DomainError admin_not_found */
  async refuse({ actor, name }: registrations.RegistrationRef): Promise<registrations.Registration> {
    return this.acts.run(actor!, { name: 'registration.refused', org: PLATFORM_ORG, target: name }, async (tx, note) => {
      const asked = await this.take(tx, name);
      note({ target: asked.name, detail: { owner: asked.ownerLogin } });
      return toRegistration(asked);
    });
  }

  /** Deletes what nobody decided on. */
  async forgetOld(): Promise<void> {
    await this.prisma.organisationRegistration.deleteMany({ where: { askedAt: { lt: new Date(Date.now() - WAITS_DAYS * DAY_MS) } } });
  }

  /** @throws DomainError org_name_taken */
  private async keep(tx: Tx, asked: Asked & { address: string }): Promise<void> {
    const { name } = asked;
    const { count } = await tx.organisationRegistration.createMany({ data: [asked], skipDuplicates: true });
    if (count === 0 || (await tx.organisation.findUnique({ where: { name } }))) throw new DomainError('org_name_taken', { name });
  }

  /** The one that waits, which is no more. Of two operators at once, one gets it. @throws DomainError admin_not_found */
  private async take(tx: Tx, text: string): Promise<OrganisationRegistration> {
    const name = text.toLowerCase();
    const asked = name.includes('\u0000') ? null : await tx.organisationRegistration.findUnique({ where: { name } });
    if (!asked || (await tx.organisationRegistration.deleteMany({ where: { name } })).count === 0) throw new DomainError('admin_not_found');
    return asked;
  }

  /** The organisation and its owner. @throws DomainError org_name_taken */
  private async found(tx: Tx, { name, displayName, ownerLogin, ownerName, secretHash }: Asked): Promise<organisations.Organisation> {
    const organisation = await this.organisations.insert(tx, name, displayName);
    const made = { kind: 'person', login: ownerLogin, label: ownerName, secretHash, createdBy: ownerLogin } as const;
    await this.administrators.create(tx, name, made, { role: 'owner', allApps: true, apps: [] });
    return organisation;
  }
}

function toRegistration({ askedAt, secretHash: _, ...row }: OrganisationRegistration): registrations.Registration {
  return { ...row, askedMs: BigInt(askedAt.getTime()) };
}
