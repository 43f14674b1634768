import { z } from 'zod';

const ext = z.record(z.string(), z.unknown());

const textContent = z.object({ type: z.literal('txt'), msg: z.string() });
const customContent = z.object({
  type: z.literal('custom'),
  customEvent: z.string().regex(/^[a-zA-Z0-9\-_/.]{1,32}$/),
  customExts: z.record(z.string(), z.unknown()).refine((exts) => Object.keys(exts).length <= 16, 'at most 16 entries').optional(),
});

export const editedContent = z.discriminatedUnion('type', [textContent, customContent]);

export const editMessage = z.object({
  user: z.string().min(1).describe('The sender of the message, or admin'),
  new_msg: editedContent.optional().describe('Of the same type as the message; needed unless new_ext is given'),
  new_ext: ext.optional(),
  is_combine_ext: z.boolean().default(true).describe('true: keys of new_ext replace those of the message, the others stay; false: new_ext alone stays'),
});

/** What the handler looks at: a type that cannot be edited has an error of its own. */
export const editRequest = editMessage.extend({ new_msg: z.looseObject({ type: z.string() }).optional() });

export const editAnswer = z.object({ data: z.literal('success') });
