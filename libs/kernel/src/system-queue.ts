/**
 * Name of the queue that carries to a user what is no message: contacts, presence, reactions, his own acts on another
 * device. No user can have this name, so it meets no conversation.
 */
export const SYSTEM_QUEUE = '@system';

/** The other side of that queue in the store: no user has this id, and no named sender. */
export const SYSTEM_PARTY_ID = 0n;
