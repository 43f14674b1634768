import { z } from 'zod';
import { fails } from '../http/parse.js';
import { newBinding } from '../push/push.schemas.js';

/** What can be changed of a user; of a device all fields or none. */
export const profile = z
  .object({
    nickname: z.string().optional().describe('That pushes show: at most 100 characters; empty takes it away'),
    notification_display_style: z
      .union([z.literal(0), z.literal(1)], fails('push_parameter_invalid', { name: 'notification_display_style' }))
      .optional()
      .describe('What pushes show: 0 that there is a message, 1 the message'),
    ...newBinding.partial().shape,
  })
  .refine((one) => Object.keys(one).length > 0, 'one of nickname, notification_display_style and device_id is needed');

export const devicesAnswer = z.object({
  data: z.array(
    z.object({
      res: z.string().describe('As DELETE …/disconnect/{resource} takes it'),
      device_uuid: z.string(),
      device_name: z.string(),
    }),
  ),
});
