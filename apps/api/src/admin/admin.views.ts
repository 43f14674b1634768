import type { appAdmin, certificates, organisations } from '@parley/contracts';
import type { z } from 'zod';
import type * as schemas from './admin.schemas.js';

type View<Schema extends z.ZodType> = z.input<Schema>;

/** Answers as callers see them, from what auth says. 0 of a contract is null here: never, or none. */
export function toOrganisation(one: organisations.Organisation): View<typeof schemas.organisation> {
  return { name: one.name, display_name: one.displayName, created_ms: Number(one.createdMs) };
}

export function toAdministrator(one: organisations.Administrator): View<typeof schemas.administrator> {
  return { admin_id: one.adminId, login: one.login, name: one.label, disabled: one.disabled, ...granted(one), ...made(one), last_used_ms: orNull(one.lastUsedMs) };
}

export function toKey(one: organisations.Administrator): View<typeof schemas.key> {
  return {
    key_id: one.adminId,
    client_id: one.login,
    label: one.label,
    disabled: one.disabled,
    ...granted(one),
    ...made(one),
    last_used_ms: orNull(one.lastUsedMs),
    expires_ms: orNull(one.expiresMs),
  };
}

export function toInvitation(one: organisations.Invitation): View<typeof schemas.invitation> {
  return { invitation_id: one.invitationId, login: one.login, ...granted(one), ...made(one), expires_ms: Number(one.expiresMs) };
}

export function toSession(one: organisations.AdminSession, own: string): View<typeof schemas.session> {
  return {
    session_id: one.sessionId,
    client_id: one.clientId,
    address: one.address,
    user_agent: one.userAgent,
    created_ms: Number(one.createdMs),
    last_used_ms: Number(one.lastUsedMs),
    expires_ms: Number(one.expiresMs),
    current: one.sessionId === own,
  };
}

export function toAuditEntry(one: organisations.AuditEntry): View<typeof schemas.auditEntry> {
  return {
    entry_id: String(one.entryId),
    at_ms: Number(one.atMs),
    org: one.org,
    actor: one.actor,
    actor_id: one.actorId,
    actor_org: one.actorOrg,
    act: one.act,
    app: one.app,
    target: one.target,
    detail: JSON.parse(one.detailJson) as Record<string, unknown>,
    address: one.address,
    user_agent: one.userAgent,
    outcome: one.outcome,
  };
}

export function toApp({ tenant, ...one }: appAdmin.App): View<typeof schemas.app> {
  const { org, app, appUuid } = tenant!;
  return {
    org,
    app_name: app,
    app_key: `${org}#${app}`,
    app_id: appUuid,
    client_id: one.clientId,
    description: one.description,
    state: one.state as 'active',
    purge_ms: orNull(one.purgeMs),
    created_ms: Number(one.createdMs),
  };
}

export function toSecret(one: appAdmin.Secret): View<typeof schemas.secret> {
  return { secret_id: one.secretId, created_ms: Number(one.createdMs), last_used_ms: orNull(one.lastUsedMs), expires_ms: orNull(one.expiresMs) };
}

export function toCertificate(one: certificates.Certificate): View<typeof schemas.certificate> {
  return { certificate_id: one.certificateId, created_ms: Number(one.createdMs), expires_ms: orNull(one.expiresMs) };
}

/** A page of a list. */
export function toPage<T>(items: T[], nextCursor: string): { items: T[]; cursor?: string } {
  return { items, ...(nextCursor === '' ? {} : { cursor: nextCursor }) };
}

/** What a body grants, as contracts carry it. */
export function toGrant(asked: z.output<typeof schemas.grant>): organisations.Grant {
  return { role: asked.role, allApps: asked.all_apps, apps: asked.apps };
}

function granted({ role, allApps, apps }: Pick<organisations.Administrator, 'role' | 'allApps' | 'apps'>) {
  return { role, all_apps: allApps, apps };
}

function made({ createdMs, createdBy }: Pick<organisations.Administrator, 'createdMs' | 'createdBy'>) {
  return { created_ms: Number(createdMs), created_by: createdBy };
}

function orNull(ms: bigint): number | null {
  return ms === 0n ? null : Number(ms);
}
