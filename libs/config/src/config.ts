import { type z } from 'zod';

/** One value of a configuration: its schema with default, the environment variable that sets it, and its meaning. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  readonly env: string;
  readonly doc: string;
  /** Never printed: passwords, keys. */
  readonly secret: boolean;
}

export interface Section<S extends Record<string, Setting> = Record<string, Setting>> {
  readonly name: string;
  readonly settings: S;
}

export type SectionValues<T extends Section> = { readonly [K in keyof T['settings']]: z.output<T['settings'][K]['schema']> };

export function setting<T extends z.ZodType>(schema: T, about: { env: string; doc: string; secret?: boolean }): Setting<T> {
  return { schema, env: about.env, doc: about.doc, secret: about.secret ?? false };
}

export function section<S extends Record<string, Setting>>(name: string, settings: S): Section<S> {
  return { name, settings };
}

/** Every problem of a configuration at once, each with its path and variable. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`configuration is invalid:\n  ${problems.join('\n  ')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the given sections from the environment, the only place where it is read.
 * @throws ConfigError with all problems together.
 */
export function loadConfig<T extends Record<string, Section>>(
  sections: T,
  env: NodeJS.ProcessEnv,
): { readonly [K in keyof T]: SectionValues<T[K]> } {
  const problems: string[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const [key, part] of Object.entries(sections)) {
    const values: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(part.settings)) {
      const given = env[one.env];
      const parsed = one.schema.safeParse(given === '' ? undefined : given);
      if (parsed.success) values[name] = parsed.data;
      else problems.push(`${part.name}.${name} (${one.env}): ${parsed.error.issues.map((i) => i.message).join('; ')}`);
    }
    config[key] = values;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config as { readonly [K in keyof T]: SectionValues<T[K]> };
}

/** Rows for the settings page of the docs: variable, default and meaning. */
export function describeSettings(sections: readonly Section[]): { section: string; env: string; default: string; doc: string }[] {
  return sections.flatMap((part) =>
    Object.values(part.settings).map((one) => {
      const fallback = one.schema.safeParse(undefined);
      const shown = fallback.success && fallback.data !== undefined ? String(fallback.data) : 'none';
      return { section: part.name, env: one.env, default: one.secret ? '(secret)' : shown, doc: one.doc };
    }),
  );
}
