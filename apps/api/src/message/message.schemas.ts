import { z } from 'zod';

const RECEIVER_LIMIT = 600;
/** In a JSON body numbers may come as text. */
const degrees = (most: number) =>
  z.union([z.number(), z.string().regex(/^-?\d{1,3}(\.\d{1,20})?$/)]).refine((value) => Math.abs(Number(value)) <= most, 'out of range');

/** What each type of message carries. */
export const bodies = {
  txt: z.object({ msg: z.string() }),
  cmd: z.object({ action: z.string() }),
  custom: z.object({
    customEvent: z.string().regex(/^[a-zA-Z0-9\-_/.]{1,32}$/),
    customExts: z
      .record(z.string(), z.unknown())
      .refine((exts) => Object.keys(exts).length <= 16, 'at most 16 entries')
      .optional(),
  }),
  loc: z.object({ lat: degrees(90), lng: degrees(180), addr: z.string().optional() }),
} as const;
export type SendableType = keyof typeof bodies;

/** The request as a caller should make it. What is wrong with one is found by send.rules, which has an error for each field. */
export const sendToUsers = z.intersection(
  z.object({
    from: z.string().min(1).default('admin').describe('Need not be a user'),
    to: z.array(z.string().min(1)).min(1).max(RECEIVER_LIMIT).describe('Not checked for existence: an unknown user is answered with an id'),
    ext: z.record(z.string(), z.unknown()).optional().describe('body and ext together: 5 KB'),
    sync_device: z.boolean().default(false).describe("true: the sender's own devices get a copy"),
    routetype: z.literal('ROUTE_ONLINE').optional().describe('Only to receivers that are online; nothing is kept'),
  }),
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('txt'), body: bodies.txt }),
    z.object({ type: z.literal('cmd'), body: bodies.cmd }),
    z.object({ type: z.literal('custom'), body: bodies.custom }),
    z.object({ type: z.literal('loc'), body: bodies.loc }),
  ]),
);

export const sendAnswer = z.object({ data: z.record(z.string(), z.string()).describe('Id of the message to each receiver') });
