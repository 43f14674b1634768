/**
 * Upper bounds of single fields. They guard the decoder's memory, not the product's rules: those are stricter and
 * answered with an error that the user understands.
 */
export const wireLimits = {
  /** UTF-8 bytes of one part of an address. */
  jidPartBytes: 1024,
  /** UTF-8 bytes of a token, alone or inside JSON. */
  tokenBytes: 16 * 1024,
  /** UTF-8 bytes of any other text of a login or logout. */
  textBytes: 8 * 1024,
  /** Attributes on the outside of one message. */
  metaExtensions: 256,
  /** Users that one message may be directed to. */
  directedUsers: 1024,
} as const;
