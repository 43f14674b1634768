import { DomainError } from '@parley/errors';
import { isShareSecret } from '../chatfile/share-secret.js';

/** Who asks: the tenant's server, a user of the app, or somebody who has shown no token. */
export type Reader = 'app' | 'user' | 'none';

/**
 * The rule of downloads. The tenant's server gets every file of its app. Others: a restricted file needs its secret, with or
 * without a token; one that is not restricted needs a token of the app.
 * @throws DomainError file_forbidden | unauthorized
 */
export function checkDownload(file: { secretHash: Buffer | null }, reader: Reader, secret: string | undefined): void {
  if (reader === 'app') return;
  if (file.secretHash === null) {
    if (reader === 'none') throw new DomainError('unauthorized');
    return;
  }
  if (secret === undefined || secret === '') throw new DomainError(reader === 'none' ? 'unauthorized' : 'file_forbidden');
  if (!isShareSecret(secret, file.secretHash)) throw new DomainError('file_forbidden');
}
