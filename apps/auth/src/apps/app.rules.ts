const LEGAL = /^[a-z0-9][a-z0-9_.-]{0,63}$/;

/** Names of organisations and apps are case-insensitive: this is the form that is stored and compared. */
export function foldAppName(name: string): string {
  return name.toLowerCase();
}

/** Whether a folded name can stand in an AppKey (`org#app`), a path and a JID. */
export function isLegalAppName(folded: string): boolean {
  return LEGAL.test(folded);
}
