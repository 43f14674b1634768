import type { Setting } from './setting.js';
import { appSettingsCatalogue, type AppSettingName, type AppSettings, isAppSettingName } from './settings.catalogue.js';

/** What is stored: only what differs from the catalogue. */
export type StoredSettings = Readonly<Record<string, unknown>>;

/**
 * The settings that hold: the app's own choice, never above its ceiling. What is stored and no longer valid (an older
 * version's setting, a ceiling that was lowered) gives way to the nearest valid value.
 * @param chosen by the app
 * @param ceilings of limits, set by the operator for this app
 */
export function effectiveSettings(chosen: StoredSettings, ceilings: StoredSettings): AppSettings {
  const values = Object.entries(appSettingsCatalogue).map(([name, setting]) => [name, effective(setting, chosen[name], ceilings[name])]);
  return Object.fromEntries(values) as AppSettings;
}

function effective(setting: Setting, chosen: unknown, ceiling: unknown): boolean | number {
  if (setting.kind === 'switch') return typeof chosen === 'boolean' ? chosen : setting.default;
  const most = highest(setting, ceiling);
  const wanted = typeof chosen === 'number' ? chosen : setting.kind === 'limit' ? most : setting.default;
  return Math.min(Math.max(wanted, setting.min), most);
}

function highest(setting: Exclude<Setting, { kind: 'switch' }>, ceiling: unknown): number {
  if (setting.kind === 'number') return setting.max;
  return typeof ceiling === 'number' ? Math.min(Math.max(ceiling, setting.min), setting.max) : setting.default;
}

/**
 * Everything that is wrong with a change of settings; empty = it may be stored. A null takes the default back.
 * @param by `operator` changes ceilings of limits (and only those); `app` makes the app's choices
 */
export function settingProblems(change: Readonly<Record<string, unknown>>, by: 'app' | 'operator', ceilings: StoredSettings): string[] {
  return Object.entries(change).flatMap(([name, value]) => {
    if (!isAppSettingName(name)) return [`${name}: there is no such setting`];
    const setting: Setting = appSettingsCatalogue[name];
    if (by === 'operator' && setting.kind !== 'limit') return [`${name}: is the app's own choice, not a limit`];
    return value === null ? [] : valueProblems(name, setting, value, by === 'operator' ? setting : ceilingOf(setting, ceilings[name]));
  });
}

function ceilingOf(setting: Setting, ceiling: unknown): { max: number } {
  return { max: setting.kind === 'switch' ? 1 : highest(setting, ceiling) };
}

function valueProblems(name: AppSettingName, setting: Setting, value: unknown, most: { max: number } | Setting): string[] {
  if (setting.kind === 'switch') return typeof value === 'boolean' ? [] : [`${name}: must be true or false`];
  const max = 'max' in most ? most.max : setting.max;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return [`${name}: must be a whole number`];
  if (value < setting.min || value > max) return [`${name}: must be from ${setting.min} to ${max}`];
  return [];
}
