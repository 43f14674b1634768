import { z } from 'zod';

/** The shape of a send; rows with errors of their own are checked by the rules. */
export const sendToUsers = z.object({
  from: z.unknown().optional().describe('Sender; default admin'),
  to: z.unknown().describe('Array of 1 to 600 user ids'),
  type: z.unknown().describe('txt, cmd, custom or loc'),
  body: z.unknown().describe('By type: {msg}, {action}, {customEvent, customExts}, {lat, lng, addr}'),
  ext: z.unknown().optional().describe('Object'),
  sync_device: z.unknown().optional().describe('true: the sender\'s own devices get a copy'),
  routetype: z.unknown().optional().describe('ROUTE_ONLINE: only receivers that are online'),
});

const text = z.string();
export const bodies = {
  txt: z.object({ msg: text }),
  cmd: z.object({ action: text }),
  custom: z.object({
    customEvent: text.regex(/^[a-zA-Z0-9\-_/.]{1,32}$/),
    customExts: z
      .record(z.string(), z.unknown())
      .refine((exts) => Object.keys(exts).length <= 16, 'at most 16 entries')
      .optional(),
  }),
  loc: z.object({
    lat: z.coerce.number().min(-90).max(90),
    lng: z.coerce.number().min(-180).max(180),
    addr: text.optional(),
  }),
} as const;
export type SendableType = keyof typeof bodies;
