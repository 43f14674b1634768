export { appSettingsCatalogue, type AppSettingName, type AppSettings, defaultAppSettings, isAppSettingName } from './settings.catalogue.js';
export { AppSettingsDirectory, type AppState } from './settings.directory.js';
export { effectiveSettings, settingProblems, type StoredSettings } from './settings.rules.js';
export type { Setting } from './setting.js';
export { type Rate, rateCatalogue, type RateName, ratesOf, type RateWindow, windowSeconds } from './rates.catalogue.js';
