/** Longest user id, in bytes (protocol limits). */
export const USERNAME_MAX_BYTES = 64;

const LEGAL = /^[a-z0-9_.-]+$/;

/** User ids are case-insensitive: this is the form that is stored and compared. */
export function foldUsername(name: string): string {
  return name.toLowerCase();
}

/** Whether a folded name has only legal characters and fits the limit. */
export function isLegalUsername(folded: string): boolean {
  return folded.length <= USERNAME_MAX_BYTES && LEGAL.test(folded);
}
