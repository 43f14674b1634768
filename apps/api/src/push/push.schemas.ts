import { z } from 'zod';
import { fails } from '../http/parse.js';

const invalid = (name: string) => fails('push_parameter_invalid', { name });

/** Lengths and characters have errors of their own in the user service. */
export const newBinding = z.object({
  device_id: z.string(invalid('device_id')).describe('1 to 255 characters'),
  notifier_name: z.string(invalid('notifier_name')).describe('Name of the push certificate, at most 128 characters; empty unbinds the device from every certificate'),
  device_token: z.string(invalid('device_token')).describe('At most 1,024 bytes; empty unbinds the device from this certificate'),
});

const binding = z.object({ device_id: z.string(), notifier_name: z.string(), device_token: z.string() });
export const bindingsAnswer = z.object({ entities: z.array(binding), count: z.int() });

export const newNicknames = z
  .array(
    z.object({
      username: z.string(),
      push_nickname: z.string().describe('At most 100 characters; empty takes it away'),
    }),
    fails('push_nicknames_empty'),
  )
  .describe('1 to 50');
export const nicknamesAnswer = z.object({
  entities: z.array(z.object({ username: z.string(), push_nickname: z.string() })).describe('Those set; unknown users are left out'),
});

export const newLanguage = z.object({ translationLanguage: z.string(invalid('translationLanguage')).describe('A language code; empty for none') });
export const languageAnswer = z.object({ data: z.object({ language: z.string().describe('Empty when there is none') }) });
