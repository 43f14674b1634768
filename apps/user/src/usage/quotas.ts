import { Injectable } from '@nestjs/common';
import { AppSettingsDirectory, defaultAppSettings } from '@parley/app-settings';
import { createLogger } from '@parley/telemetry';

const log = createLogger('user');

/** What an app may have at most; undefined = nobody has set a quota. */
export interface Quotas {
  readonly users?: number | undefined;
  readonly connections?: number | undefined;
  readonly dailyActive?: number | undefined;
  /** Of one user. */
  readonly devicesPerPlatform?: number | undefined;
}

/** The quotas of apps. */
@Injectable()
export class QuotaDirectory {
  constructor(private readonly settings: AppSettingsDirectory) {}

  /** While settings cannot be had, and were not before, nobody is refused for a quota. */
  async of(appId: number): Promise<Quotas> {
    try {
      const { usersMost, connectionsMost, dailyActiveMost, devicesPerPlatform } = await this.settings.of(appId);
      return {
        users: below(usersMost, defaultAppSettings.usersMost),
        connections: below(connectionsMost, defaultAppSettings.connectionsMost),
        dailyActive: below(dailyActiveMost, defaultAppSettings.dailyActiveMost),
        devicesPerPlatform,
      };
    } catch (error) {
      log.warn({ err: error, appId }, 'quotas are not known for now');
      return {};
    }
  }

  /** Of several apps, each asked once. */
  async ofAll(appIds: readonly number[]): Promise<ReadonlyMap<number, Quotas>> {
    return new Map(await Promise.all([...new Set(appIds)].map(async (appId) => [appId, await this.of(appId)] as const)));
  }
}

function below(value: number, unlimited: number): number | undefined {
  return value < unlimited ? value : undefined;
}
