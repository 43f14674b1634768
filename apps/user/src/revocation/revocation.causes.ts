/** Why all tokens of a user end: the operation number and reason of the MSYNC notice that his sessions end with. */
export const revocationCauses = {
  removed: { operation: 1, reason: 'user removed' },
  passwordChanged: { operation: 3, reason: 'password changed' },
  loggedOut: { operation: 4, reason: 'kicked by administrator' },
  deactivated: { operation: 4, reason: 'user deactivated' },
} as const;
export type RevocationCause = keyof typeof revocationCauses;

/** The epoch of a user who is gone: greater than any that a token can have. */
export const GONE_EPOCH = 2_147_483_647;
