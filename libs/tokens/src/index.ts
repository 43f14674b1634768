export { TOKEN_PREFIX, TOKEN_MAX_LENGTH, type TokenClaims, type VerifiedToken } from './token.format.js';
export { generateSigningKey, TokenSigner, type SigningKey } from './token.signer.js';
export { TokenVerifier, type TokenVerifierOptions } from './token.verifier.js';
export { SecretHasher, type SecretHasherOptions } from './secret.hasher.js';
export type { AdminTokenClaims, VerifiedAdminToken } from './admin-token.js';
export { ForeignTokenVerifier, type ForeignAnswer, type ForeignQuestion } from './foreign.verifier.js';
