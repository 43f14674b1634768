import type { CatalogueEntry } from './catalogue/entry.js';
import { administrationErrors } from './catalogue/administration.errors.js';
import { anyCallErrors } from './catalogue/any-call.errors.js';
import { contactErrors } from './catalogue/contacts.errors.js';
import { tokenErrors } from './catalogue/tokens.errors.js';
import { userErrors } from './catalogue/users.errors.js';
import { fileErrors } from './catalogue/files.errors.js';
import { historyErrors } from './catalogue/history.errors.js';
import { messageErrors } from './catalogue/messages.errors.js';
import { messageChangeErrors } from './catalogue/message-changes.errors.js';

export type { CatalogueEntry } from './catalogue/entry.js';

/** Every error that Parley knows, by family: facts of the protocol, as data. docs/errors.md is printed from it. */
export const catalogue = {
  ...anyCallErrors,
  ...tokenErrors,
  ...userErrors,
  ...contactErrors,
  ...messageErrors,
  ...historyErrors,
  ...messageChangeErrors,
  ...administrationErrors,
  ...fileErrors,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
