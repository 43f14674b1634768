import { describe, expect, it } from '@jest/globals';
import { defaultAppSettings } from './settings.catalogue.js';
import { effectiveSettings, settingProblems } from './settings.rules.js';

describe('settings of an app', () => {
  it('are the defaults while nobody has chosen anything', () => {
    expect(effectiveSettings({}, {})).toEqual(defaultAppSettings);
  });

  it('take what the app chose', () => {
    expect(effectiveSettings({ openRegistration: true, recallWindowSeconds: 600 }, {})).toMatchObject({ openRegistration: true, recallWindowSeconds: 600 });
  });

  it('never let a limit above its ceiling, whatever is stored', () => {
    expect(effectiveSettings({ editsPerMessage: 50 }, {}).editsPerMessage).toBe(10);
    expect(effectiveSettings({ editsPerMessage: 50 }, { editsPerMessage: 40 }).editsPerMessage).toBe(40);
    expect(effectiveSettings({ editsPerMessage: 3 }, { editsPerMessage: 40 }).editsPerMessage).toBe(3);
  });

  it('follow the operator who raises a ceiling while the app has chosen nothing', () => {
    expect(effectiveSettings({}, { historyDays: 365 }).historyDays).toBe(365);
  });

  it('ignore stored values of the wrong type', () => {
    expect(effectiveSettings({ openRegistration: 'yes', historyDays: '9' }, { historyDays: [] })).toEqual(defaultAppSettings);
  });
});

describe('a change of settings', () => {
  it('is told all of its mistakes at once', () => {
    expect(settingProblems({ nonsense: 1, openRegistration: 1, historyDays: 181, editsPerMessage: 1.5, recallEnabled: false }, 'app', {})).toEqual([
      'nonsense: there is no such setting',
      'openRegistration: must be true or false',
      'historyDays: must be from 1 to 180',
      'editsPerMessage: must be a whole number',
    ]);
  });

  it('lets an app lower a limit, and an operator raise its ceiling', () => {
    expect(settingProblems({ historyDays: 30 }, 'app', {})).toEqual([]);
    expect(settingProblems({ historyDays: 365 }, 'operator', {})).toEqual([]);
    expect(settingProblems({ historyDays: 365 }, 'app', { historyDays: 365 })).toEqual([]);
    expect(settingProblems({ historyDays: 99_999 }, 'operator', {})).toEqual(['historyDays: must be from 1 to 3650']);
  });

  it('leaves choices to the app', () => {
    expect(settingProblems({ openRegistration: true }, 'operator', {})).toEqual(["openRegistration: is the app's own choice, not a limit"]);
  });

  it('takes a default back with null', () => {
    expect(settingProblems({ historyDays: null }, 'app', {})).toEqual([]);
  });
});
