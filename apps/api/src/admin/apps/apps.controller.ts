import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, appOf, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { app, line, listOf, page } from '../admin.schemas.js';
import { toApp, toPage } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [] } as const;
const ONE = '/admin/v1/orgs/:org/apps/:app';
const GRACE_DEFAULT_SECONDS = 7 * 86_400;
const GRACE_MOST_SECONDS = 365 * 86_400;

const description = line.max(200);
const newApp = z.object({
  app_name: z.string().max(64).describe('1 to 32 of letters, digits and hyphens, case-insensitive; never changes'),
  description: description.default(''),
});
const newAppAnswer = z.object({ app, client_secret: z.string().describe('Shown once') });
const changedApp = z.object({ description });
const purge = z.object({
  grace_seconds: z.int().min(1).max(GRACE_MOST_SECONDS).default(GRACE_DEFAULT_SECONDS).describe('Until then the app can be restored; default a week'),
});

/** Apps of an organisation. */
@Controller()
export class AppsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('POST', '/admin/v1/orgs/:org/apps', {
    ...BASE,
    admin: 'app.create',
    summary: 'Create an app, with its client id and its first client secret',
    body: newApp,
    answer: newAppAnswer,
    errors: ['app_name_illegal', 'app_name_taken', 'app_limit'],
  })
  async create(@TheAdminCall() { actor, org, body }: AdminCall) {
    const asked = parse(newApp, body);
    const made = await this.clients.apps.createApp({ actor, org, app: asked.app_name, description: asked.description });
    return { app: toApp(made.app!), client_secret: made.clientSecret };
  }

  @Operation('GET', '/admin/v1/orgs/:org/apps', {
    ...BASE,
    admin: 'org.read',
    summary: 'Apps by name; only those that the administrator may see',
    query: page,
    answer: listOf(app),
  })
  async list(@TheAdminCall() { actor, org, query }: AdminCall) {
    const { apps, nextCursor } = await this.clients.apps.listApps({ actor, org, ...parse(page, query) });
    return toPage(apps.map(toApp), nextCursor);
  }

  @Operation('GET', ONE, { ...BASE, admin: 'app.read', summary: 'An app', answer: app })
  async get(@TheAdminCall() call: AdminCall) {
    return toApp(await this.clients.apps.getApp(refOf(call)));
  }

  @Operation('PUT', ONE, { ...BASE, admin: 'app.settings', summary: 'Change the description of an app', body: changedApp, answer: app })
  async update(@TheAdminCall() call: AdminCall) {
    return toApp(await this.clients.apps.updateApp({ ...refOf(call), ...parse(changedApp, call.body) }));
  }

  @Operation('POST', `${ONE}/suspend`, {
    ...BASE,
    admin: 'app.suspend',
    summary: 'Refuse everything of an app from now on; its connections end',
    answer: app,
    errors: ['app_purge_begun'],
  })
  async suspend(@TheAdminCall() call: AdminCall) {
    return toApp(await this.clients.apps.suspendApp(refOf(call)));
  }

  @Operation('POST', `${ONE}/resume`, {
    ...BASE,
    admin: 'app.suspend',
    summary: 'End a suspension',
    answer: app,
    errors: ['app_purge_marked', 'app_purge_begun'],
  })
  async resume(@TheAdminCall() call: AdminCall) {
    return toApp(await this.clients.apps.resumeApp(refOf(call)));
  }

  @Operation('POST', `${ONE}/purge`, {
    ...BASE,
    admin: 'app.purge',
    summary: 'Suspend an app at once and purge it, with all that it has, after a time of grace',
    body: purge,
    answer: app,
    errors: ['app_purge_begun'],
  })
  async purge(@TheAdminCall() call: AdminCall) {
    const { grace_seconds } = parse(purge, call.body);
    return toApp(await this.clients.apps.markForPurge({ ...refOf(call), graceSeconds: BigInt(grace_seconds) }));
  }

  @Operation('POST', `${ONE}/restore`, {
    ...BASE,
    admin: 'app.purge',
    summary: 'Take a purge back while the time of grace lasts; the app is active again',
    answer: app,
    errors: ['app_purge_not_marked', 'app_purge_begun'],
  })
  async restore(@TheAdminCall() call: AdminCall) {
    return toApp(await this.clients.apps.restoreApp(refOf(call)));
  }
}

/** The app of a call, as contracts name it. */
export function refOf(call: AdminCall) {
  return { actor: call.actor, tenant: appOf(call) };
}
