import { Injectable } from '@nestjs/common';
import { effectiveSettings, settingProblems, type StoredSettings } from '@parley/app-settings';
import type { appAdmin } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { type App, type Prisma, PrismaClient } from '../generated/client.js';
import { AppAdministrationService, found } from './app-administration.service.js';

/** The settings of an app: its own choices, and the ceilings that the operator sets. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly apps: AppAdministrationService,
  ) {}

  /** @throws DomainError admin_not_found */
  async get({ tenant }: Pick<appAdmin.AppRef, 'tenant'>): Promise<appAdmin.AppSettingsResponse> {
    return toSettings(await found(this.prisma, tenant));
  }

  /** What is not named stays; null takes the default back. @throws DomainError app_settings_invalid, naming all problems */
  async change({ changesJson, ceilings, ...of }: appAdmin.ChangeSettingsRequest): Promise<appAdmin.AppSettingsResponse> {
    const changes = JSON.parse(changesJson) as Record<string, Prisma.InputJsonValue | null>;
    const act = ceilings ? 'app.ceilings_changed' : 'app.settings_changed';
    // JSON, because what somebody asked for may be of any form.
    await this.apps.change(of, act, { changes: JSON.stringify(changes).slice(0, 4_000) }, async (row) => {
      const problems = settingProblems(changes, ceilings ? 'operator' : 'app', row.ceilings as StoredSettings);
      if (problems.length > 0) throw new DomainError('app_settings_invalid', { detail: problems.join('; ') });
      return ceilings ? { ceilings: merged(row.ceilings, changes) } : { settings: merged(row.settings, changes) };
    });
    return this.get(of);
  }
}

function merged(stored: Prisma.JsonValue, changes: Record<string, Prisma.InputJsonValue | null>): Record<string, Prisma.InputJsonValue> {
  const all = { ...(stored as Record<string, Prisma.InputJsonValue>), ...changes };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Prisma.InputJsonValue] => entry[1] !== null));
}

function toSettings(row: App): appAdmin.AppSettingsResponse {
  const [chosen, ceilings] = [row.settings as StoredSettings, row.ceilings as StoredSettings];
  return {
    settingsJson: JSON.stringify(effectiveSettings(chosen, ceilings)),
    chosenJson: JSON.stringify(chosen),
    ceilingsJson: JSON.stringify(ceilings),
  };
}
