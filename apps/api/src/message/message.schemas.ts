import { z } from 'zod';

export const RECEIVER_LIMIT = 600;
export const IGNORED_LIMIT = 20;
/** In a JSON body numbers may come as text. */
const degrees = (most: number) =>
  z.union([z.number(), z.string().regex(/^-?\d{1,3}(\.\d{1,20})?$/)]).refine((value) => Math.abs(Number(value)) <= most, 'out of range');

const COUNT_MAX = 2_147_483_647;
const count = z
  .union([z.number(), z.string().regex(/^\d{1,10}$/).transform(Number)])
  .refine((value) => Number.isInteger(value) && value >= 0 && value <= COUNT_MAX, 'a whole number');
const pixels = z.union([z.number(), z.string().regex(/^\d{1,6}(\.\d{1,6})?$/).transform(Number)]).refine((value) => value >= 0 && value <= 1e6, 'out of range');
/** Of a file that was uploaded before (POST /chatfiles). */
const attachment = z.object({
  url: z.string().min(1).describe('{base}/chatfiles/{uuid}'),
  filename: z.string().optional(),
  secret: z.string().optional().describe('The share secret'),
  file_length: count.optional().describe('Bytes'),
});

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
  img: attachment.extend({ size: z.object({ width: pixels, height: pixels }).optional().describe('Pixels') }),
  audio: attachment.extend({ length: count.optional().describe('Seconds') }),
  video: attachment.extend({
    length: count.optional().describe('Seconds'),
    thumb: z.string().optional().describe('URL of a picture, uploaded like a file'),
    thumb_secret: z.string().optional(),
  }),
  file: attachment,
} as const;
export type SendableType = keyof typeof bodies;

const options = {
  ext: z.record(z.string(), z.unknown()).optional().describe('body and ext together: 5 KB'),
  sync_device: z.boolean().default(false).describe("true: the sender's own devices get a copy"),
  routetype: z.enum(['ROUTE_ALL', 'ROUTE_ONLINE']).optional().describe('ROUTE_ONLINE: only to receivers that are online; nothing is kept'),
  roam_ignore_users: z.array(z.string()).max(IGNORED_LIMIT).optional().describe('Receivers who get it, but do not find it in their history'),
  env: z.string().regex(/^[a-zA-Z0-9]{1,8}$/).optional().describe('Label for webhook rules'),
};
const content = (type: SendableType) => z.object({ type: z.literal(type), body: bodies[type] });
const flat = (type: SendableType) => bodies[type].extend({ type: z.literal(type) });

/** The request as a caller should make it. What is wrong with one is found by send.rules, which has an error for each field. */
export const sendToUsers = z.intersection(
  z.object({
    from: z.string().min(1).default('admin').describe('Need not be a user'),
    to: z.array(z.string().min(1)).min(1).max(RECEIVER_LIMIT).describe('Not checked for existence: an unknown user is answered with an id'),
    ...options,
  }),
  z.union([content('txt'), content('img'), content('audio'), content('video'), content('file'), content('loc'), content('cmd'), content('custom')]),
);

/** The older form, whose message has type and body in one. */
export const sendLegacy = z.object({
  target_type: z.literal('users'),
  target: z.array(z.string().min(1)).min(1).max(RECEIVER_LIMIT),
  msg: z.union([flat('txt'), flat('img'), flat('audio'), flat('video'), flat('file'), flat('loc'), flat('cmd'), flat('custom')]),
  from: z.string().min(1).default('admin'),
  ...options,
});
export const legacyQuery = z.object({ useMsgId: z.string().optional().describe('true: ids in place of "success"') });

export const sendAnswer = z.object({ data: z.record(z.string(), z.string()).describe('Id of the message to each receiver') });
export const legacyAnswer = z.object({ data: z.record(z.string(), z.string()).describe('"success", or the id of the message, to each receiver') });
