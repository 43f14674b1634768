import { randomBytes } from 'node:crypto';
import type { Home } from './home.js';

/** How the platform's operator signs in; the commands of administration read it. */
export interface OperatorCredentials {
  restUrl: string;
  /** The platform itself. */
  org: '-';
  login: string;
  password: string;
}

export const OPERATOR_FILE = 'operator.json';

/**
 * The operator of this home. His password is the setting's, else made at the first start; it is kept in the home, readable
 * by its owner alone.
 * @returns `fresh`: it was made now, and has not been shown yet
 */
export function loadOperator(home: Home, restUrl: string, set: { login: string; password: string | undefined }): { operator: OperatorCredentials; fresh: boolean } {
  const kept = home.readJson<OperatorCredentials>(OPERATOR_FILE);
  const password = set.password ?? kept?.password ?? randomBytes(15).toString('base64url');
  const operator = { restUrl, org: '-', login: set.login, password } as const;
  home.writeJson(OPERATOR_FILE, operator);
  return { operator, fresh: set.password === undefined && kept === undefined };
}
