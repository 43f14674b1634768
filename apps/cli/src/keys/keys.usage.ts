export const KEYS_USAGE = `usage: parley keys list | rotate [--now] | revoke KID

The keys that sign tokens; speaks to auth over the inner network (PARLEY_AUTH_RPC, else the one of PARLEY_HOME).

  list           each key with its state, newest first
  rotate         makes the next key; it signs after its time of lead, with --now at once
  revoke KID     voids every token that the key signed, everywhere; if it is the one that signs, another takes over
`;
