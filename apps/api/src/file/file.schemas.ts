import { z } from 'zod';

export const LIFETIME_MOST_FILES = 100;

export const uploadForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'The file' }),
  'thumbnail-width': z.string().optional().describe('Pixels'),
  'thumbnail-height': z.string().optional().describe('Pixels'),
});
export const partForm = z.object({
  part_file: z.string().meta({ format: 'binary', description: 'The bytes of the part' }),
  part_number: z.string().describe('From 1'),
});
export const completeQuery = z.object({
  'restrict-access': z.string().optional().describe('true: a secret is made, and needed to download'),
  'thumbnail-width': z.string().optional().describe('Pixels'),
  'thumbnail-height': z.string().optional().describe('Pixels'),
  filename: z.string().optional(),
});

export const uploadAnswer = z.object({
  entities: z.array(
    z.object({
      uuid: z.uuid(),
      type: z.literal('chatfile'),
      'share-secret': z.string().optional().describe('When restricted. Told once'),
      'file-metadata': z.object({ 'content-length': z.int(), 'content-type': z.string() }),
    }),
  ),
});
export const startAnswer = z.object({
  entities: z.array(
    z.object({
      uuid: z.uuid().describe('Of the upload, and of the file that it becomes'),
      type: z.literal('chatfile'),
      file_upper_limit: z.int().describe('Bytes'),
      part_lower_limit: z.int().describe('Bytes of each part but the last'),
    }),
  ),
});

export const lifetimeOrder = z.object({
  lifetime: z.enum(['default', 'refresh', 'forever']),
  chatfile_ids: z.array(z.string().max(64)).min(1).max(LIFETIME_MOST_FILES),
});
export const lifetimeAnswer = z.object({ data: z.record(z.string(), z.enum(['success', 'failed'])) });
