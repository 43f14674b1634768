import { z } from 'zod';

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

/** Text that a person writes on one line; a store would refuse some of what this does. */
export const line = z.string().trim().regex(/^[^\u0000-\u001f\u007f\ud800-\udfff]*$/u, 'has a control character');

/** A page of a list. */
export const page = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  cursor: z.string().max(512).default('').describe('From the previous page; absent for the first.'),
});

export const uuid = z.uuid();
const ms = z.int().describe('Milliseconds since 1970');

/** What somebody may do and where. */
export const grant = z.object({
  role: z.string().max(32).describe('owner, admin, app_admin, support, read_only; on the platform operator'),
  all_apps: z.boolean().default(false).describe('support and read_only: all apps of the organisation'),
  apps: z.array(line.max(64)).max(200).default([]).describe('Names of apps; app_admin, and support and read_only without all_apps'),
});

export const displayName = line.min(1).max(100);
export const enterpriseId = z.string().max(64).describe('Enterprise ID: 2 to 32 of letters, digits and hyphens, case-insensitive; never changes');
export const organisation = z.object({ name: z.string(), display_name: z.string(), created_ms: ms });

export const administrator = z.object({
  admin_id: uuid,
  login: z.string(),
  name: z.string().describe('Empty: he gave none'),
  role: z.string(),
  all_apps: z.boolean(),
  apps: z.array(z.string()),
  disabled: z.boolean(),
  created_ms: ms,
  created_by: z.string(),
  last_used_ms: ms.nullable(),
});

export const key = z.object({
  key_id: uuid,
  client_id: z.string(),
  label: z.string(),
  role: z.string(),
  all_apps: z.boolean(),
  apps: z.array(z.string()),
  disabled: z.boolean(),
  created_ms: ms,
  created_by: z.string(),
  last_used_ms: ms.nullable(),
  expires_ms: ms.nullable(),
});

export const invitation = z.object({
  invitation_id: uuid,
  login: z.string(),
  role: z.string(),
  all_apps: z.boolean(),
  apps: z.array(z.string()),
  created_ms: ms,
  created_by: z.string(),
  expires_ms: ms,
});

export const session = z.object({
  session_id: uuid,
  client_id: z.string(),
  address: z.string(),
  user_agent: z.string(),
  created_ms: ms,
  last_used_ms: ms,
  expires_ms: ms,
  current: z.boolean().describe('The one that asks'),
});

export const auditEntry = z.object({
  entry_id: z.string(),
  at_ms: ms,
  org: z.string(),
  actor: z.string(),
  actor_id: z.string(),
  actor_org: z.string().describe('"-": an operator of the platform'),
  act: z.string(),
  app: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
  address: z.string(),
  user_agent: z.string(),
  outcome: z.string().describe('"done", or the code of the error that it ended with'),
});

export const app = z.object({
  org: z.string(),
  app_name: z.string(),
  app_key: z.string(),
  app_id: uuid.describe('Called "application" in answers of the platform API'),
  client_id: z.string(),
  description: z.string(),
  state: z.enum(['active', 'suspended', 'purging']),
  purge_ms: ms.nullable().describe('When it will be purged'),
  created_ms: ms,
});

export const secret = z.object({ secret_id: uuid, created_ms: ms, last_used_ms: ms.nullable(), expires_ms: ms.nullable() });

export const certificate = z.object({ certificate_id: uuid, created_ms: ms, expires_ms: ms.nullable() });

/** A list and the cursor of its next page. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.string().optional().describe('Absent on the last page') });
}
