import type { issuers } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { addressProblem } from './jwks.address.js';
import { readJwks } from './jwks.rules.js';

const NAME_MAX = 512;
const MOST_AUDIENCES = 10;
const CLAIM = /^[\w.:/-]{1,128}$/;

/** An identity provider as it is stored. @throws DomainError illegal_argument that names the field */
export function checkIssuer(asked: issuers.Issuer, loopbackAllowed: boolean) {
  const { issuer, audiences, jwksUrl, jwksJson, autoCreate } = asked;
  const usernameClaim = asked.usernameClaim === '' ? 'sub' : asked.usernameClaim;
  if (!isName(issuer)) throw illegal(`issuer: must be 1 to ${NAME_MAX} characters`);
  if (audiences.length === 0 || audiences.length > MOST_AUDIENCES || !audiences.every(isName)) throw illegal(`audiences: must be 1 to ${MOST_AUDIENCES}`);
  if (!CLAIM.test(usernameClaim)) throw illegal('username_claim: must be the name of a claim');
  if ((jwksUrl === '') === (jwksJson === '')) throw illegal('jwks_url or jwks: one of them must be provided');
  if (jwksUrl === '') return { issuer, audiences, jwksUrl: null, jwks: inline(jwksJson), usernameClaim, autoCreate };
  const problem = jwksUrl.length > NAME_MAX ? 'is too long' : addressProblem(jwksUrl, loopbackAllowed);
  if (problem) throw illegal(`jwks_url: ${problem}`);
  return { issuer, audiences, jwksUrl, jwks: null, usernameClaim, autoCreate };
}

function inline(json: string) {
  try {
    return readJwks(json);
  } catch (error) {
    throw illegal(`jwks: ${(error as Error).message}`);
  }
}

function isName(text: string): boolean {
  return text !== '' && text.length <= NAME_MAX && !text.includes('\0');
}

function illegal(detail: string): DomainError {
  return new DomainError('illegal_argument', { detail });
}
