import { z } from 'zod';

/** Lengths and characters have errors of their own in the user service; these bounds only keep nonsense out. */
export const newUser = z.object({
  username: z.string().max(1_024).default(''),
  password: z.string().max(1_024).default(''),
  nickname: z.string().max(4_096).default(''),
});
export const registration = z.union([z.array(newUser).min(1).max(1_000), newUser]);

export const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10),
  cursor: z
    .string()
    .max(512)
    .default('')
    // Clients write unset values out as text.
    .transform((cursor) => (cursor === 'undefined' || cursor === 'null' ? '' : cursor)),
});

export const newPassword = z.object({ newpassword: z.string().max(1_024).optional() });

export const statusBatch = z.object({ usernames: z.array(z.string().max(256)).min(1).max(1_000) });
