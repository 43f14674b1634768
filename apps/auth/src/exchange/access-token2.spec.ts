import { describe, expect, it } from '@jest/globals';
import { ChatTokenBuilder } from 'agora-token';
import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import { isSignedWith, readAccessToken2 } from './access-token2.js';

const CERTIFICATE = '5CFd2fd1755d40ecb72977518be15d3b';
const APP_ID = '970CA35de60c44645bbae8a215061b33';
/** Known answers that the makers of the format publish: issued at 1111111 for 600 seconds, with salt 1. */
const USER = '007eJxTYNAIsnbS3v/A5t2TC6feR15r+6cq8bqAvfaW+tk/Vzz+p6xTYLA0N3B2NDZNSTUzSDYxMTMxTUpKTLVINDI0NTAzTDI2dv8iwBDBxMDAyADCrAyMDIxgPheDkYWFkbGJoZG5MQAfpR64';
const APP = '007eJxTYNDNaz3snC8huEfHWdz6s98qltq4zqy9fl99Uh0FDvy6F6DAYGlu4OxobJqSamaQbGJiZmKalJSYapFoZGhqYGaYZGzs/kWAIYKJgYGRAYRZGRgZmMB8BgYArfIYaw==';
const NO_CHAT = '007eJxTYLhzZP08Lxa1Pg57+TcXb/3cZ3wi4V6kbpbOog0G2dOYk20UGCzNDZwdjU1TUs0Mkk1MzExMk5ISUy0SjQxNDcwMk4yN3b8IMEQwMTAwMoAwBIL4CgzmKeZGxmamqUmWFsYmFqbGluapxqnGaZYpJmYGSSkpiQwMADacImo=';

describe('an AccessToken2', () => {
  it('of a user says who, from when, until when', () => {
    const token = readAccessToken2(USER);
    expect(token).toMatchObject({ appId: APP_ID, issuedAtSeconds: 1_111_111, salt: 1, userId: '2882341273', expiresAtSeconds: 1_111_711 });
    expect(isSignedWith(token, CERTIFICATE)).toBe(true);
  });

  it('of an app names no user', () => {
    const token = readAccessToken2(APP);
    expect(token).toMatchObject({ appId: APP_ID, userId: undefined, expiresAtSeconds: 1_111_711 });
    expect(isSignedWith(token, CERTIFICATE)).toBe(true);
  });

  it('of another certificate is not signed with this one', () => {
    expect(isSignedWith(readAccessToken2(USER), CERTIFICATE.replace('5', '6'))).toBe(false);
  });

  it('lets nobody into chat when it is for something else', () => {
    expect(() => readAccessToken2(NO_CHAT)).toThrow('unauthorized');
  });

  it('as the official builder makes it is read, and lasts a day at most', () => {
    const built = ChatTokenBuilder.buildUserToken(APP_ID, CERTIFICATE, 'alice', 10 * 86_400);
    const token = readAccessToken2(built);
    expect(token.userId).toBe('alice');
    expect(token.expiresAtSeconds).toBe(token.issuedAtSeconds + 86_400);
    expect(isSignedWith(token, CERTIFICATE)).toBe(true);
  });

  it('cut short anywhere, or made of anything, is corrupt and nothing worse', () => {
    for (const text of ['007', '007!!', `007${deflateSync(Buffer.alloc(0)).toString('base64')}`]) expect(() => readAccessToken2(text)).toThrow('token_corrupt');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readAccessToken2(`007${deflateSync(bytes).toString('base64')}`);
        } catch (error) {
          expect(['token_corrupt', 'unauthorized']).toContain((error as { code: string }).code);
        }
      }),
    );
  });

  it('that would inflate to much more than a token is corrupt', () => {
    expect(() => readAccessToken2(`007${deflateSync(Buffer.alloc(10_000_000)).toString('base64')}`)).toThrow('token_corrupt');
  });
});
