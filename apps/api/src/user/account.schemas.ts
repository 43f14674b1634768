import { z } from 'zod';

export const profile = z.object({ nickname: z.string().describe('At most 100 characters; empty takes it away') });

export const devicesAnswer = z.object({
  data: z.array(
    z.object({
      res: z.string().describe('As DELETE …/disconnect/{resource} takes it'),
      device_uuid: z.string(),
      device_name: z.string(),
    }),
  ),
});
