/** Yes or no; the app decides. */
export interface SwitchSetting {
  readonly kind: 'switch';
  readonly default: boolean;
  readonly doc: string;
}

/** A number that the app chooses freely between its ends. */
export interface NumberSetting {
  readonly kind: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

/** A bound on use: the app may lower it from the ceiling, which is the default unless the operator has set another for the app, up to `max`. */
export interface LimitSetting {
  readonly kind: 'limit';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

export type Setting = SwitchSetting | NumberSetting | LimitSetting;
export type SettingValue<S extends Setting> = S extends SwitchSetting ? boolean : number;

export function toggle(byDefault: boolean, doc: string): SwitchSetting {
  return { kind: 'switch', default: byDefault, doc };
}

export function number(byDefault: number, [min, max]: readonly [number, number], doc: string): NumberSetting {
  return { kind: 'number', default: byDefault, min, max, doc };
}

/** @param most the furthest that an operator may raise it */
export function limit(byDefault: number, [min, most]: readonly [number, number], doc: string): LimitSetting {
  return { kind: 'limit', default: byDefault, min, max: most, doc };
}
