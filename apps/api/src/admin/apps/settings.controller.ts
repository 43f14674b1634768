import { Controller } from '@nestjs/common';
import type { appAdmin } from '@parley/contracts';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { refOf } from './apps.controller.js';

const BASE = { root: true, bare: true, access: [] } as const;
const APP = '/admin/v1/orgs/:org/apps/:app';
const value = z.union([z.boolean(), z.number()]);
const change = z
  .record(z.string().max(64), value.nullable())
  .refine((changes) => Object.keys(changes).length <= 200, 'at most 200 settings')
  .describe('Name to new value (docs/app-settings.md); null = back to the default. What is not named stays.');
const values = z.record(z.string(), value);
const answer = z.object({
  settings: values.describe('In force'),
  chosen: values.describe('What the app has chosen itself'),
  ceilings: values.describe('What the operator has set for limits of this app'),
});

/** Settings of an app: an app chooses, and lowers limits; an operator raises them. */
@Controller()
export class SettingsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('GET', `${APP}/settings`, { ...BASE, admin: 'app.read', summary: 'Settings of an app', answer })
  async get(@TheAdminCall() call: AdminCall) {
    return toSettings(await this.clients.apps.getSettings(refOf(call)));
  }

  @Operation('PUT', `${APP}/settings`, {
    ...BASE,
    admin: 'app.settings',
    summary: 'Change settings of an app; all of them or, when one is wrong, none',
    body: change,
    answer,
    errors: ['app_settings_invalid'],
  })
  async change(@TheAdminCall() call: AdminCall) {
    return this.#change(call, false);
  }

  @Operation('PUT', `${APP}/ceilings`, {
    ...BASE,
    admin: 'app.raise',
    summary: 'Set how high limits of an app may be',
    body: change,
    answer,
    errors: ['app_settings_invalid'],
  })
  async raise(@TheAdminCall() call: AdminCall) {
    return this.#change(call, true);
  }

  async #change(call: AdminCall, ceilings: boolean) {
    const changesJson = JSON.stringify(parse(change, call.body));
    return toSettings(await this.clients.apps.changeSettings({ ...refOf(call), changesJson, ceilings }));
  }
}

function toSettings({ settingsJson, chosenJson, ceilingsJson }: appAdmin.AppSettingsResponse): z.output<typeof answer> {
  const [settings, chosen, ceilings] = [settingsJson, chosenJson, ceilingsJson].map((json) => JSON.parse(json) as Record<string, boolean | number>);
  return { settings: settings!, chosen: chosen!, ceilings: ceilings! };
}
