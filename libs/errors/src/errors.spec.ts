import { describe, expect, it } from '@jest/globals';
import { catalogue, type CatalogueEntry, DomainError, type ErrorCode, fromGrpcError, toEnvelope, toGrpcStatus, toMsyncStatus } from './index.js';

const codes = Object.keys(catalogue) as ErrorCode[];

describe('the error catalogue', () => {
  it.each(codes)('%s can be shown at every edge', (code) => {
    const error = new DomainError(code);
    const { status, body } = toEnvelope(error, 3, 1_700_000_000_000);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).toMatchObject({ timestamp: 1_700_000_000_000, duration: 3 });
    expect(body.error).not.toBe('');
    expect(body.exception).toMatch(/Exception$/);
    expect(toGrpcStatus(error).code).toBeGreaterThan(0);
    expect(toMsyncStatus(error).code).toBeGreaterThan(0);
  });

  it('uses permission-denied over MSYNC only with the texts that do not leave a client waiting', () => {
    const settled = ['sensitive words', 'blocked by mod_antispam', 'user is mute', 'traffic limit', 'Sorry, data is too large'];
    const denied = codes.map((code) => toMsyncStatus(new DomainError(code))).filter((status) => status.code === 7);
    for (const { reason } of denied) expect(settled).toContain(reason);
  });

  it('fills texts from parameters, and never from anything else', () => {
    expect(new DomainError('username_illegal', { username: 'a b' }).description).toBe('username [a b] is not legal');
    expect(new DomainError('username_illegal', {}).description).toBe('username [] is not legal');
  });

  it('keeps the text of an unknown error inside', () => {
    const { status, body } = toEnvelope(new Error('password of the database'), 1);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('database');
  });

  it.each(codes)('%s has every field, and no parameter that could not be filled', (code) => {
    const entry = catalogue[code] as CatalogueEntry;
    expect(entry).toEqual(
      expect.objectContaining({
        http: expect.any(Number),
        error: expect.any(String),
        description: expect.any(String),
        exception: expect.any(String),
        grpc: expect.any(Number),
        retryable: expect.any(Boolean),
      }),
    );
    const names = [...`${entry.description} ${entry.msync?.reason ?? ''}`.matchAll(/\{([^}]*)\}/g)].map((found) => found[1]!);
    for (const name of names) expect(name).toMatch(/^\w+$/);
    const filled = new DomainError(code, Object.fromEntries(names.map((name) => [name, 'x'])));
    expect(`${filled.description} ${toMsyncStatus(filled).reason}`).not.toMatch(/[{}]/);
  });

  it('answers over REST with exactly these keys', () => {
    const { status, body } = toEnvelope(new DomainError('message_too_large'), 3, 1_700_000_000_000);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'message_send_error',
      error_description: 'message is too large',
      exception: 'MessageSendErrorException',
      timestamp: 1_700_000_000_000,
      duration: 3,
      error_code: 14007,
    });
    expect(Object.keys(toEnvelope(new DomainError('user_not_found'), 3).body)).not.toContain('error_code');
  });

  it('comes back from gRPC as what it was', () => {
    const carried = JSON.stringify({ code: 'username_illegal', params: { username: 'X' } });
    const back = fromGrpcError({ code: 3, metadata: { get: () => [carried] } });
    expect(back).toMatchObject({ code: 'username_illegal', params: { username: 'X' } });
  });

  it('takes a service that is away as unavailable, and nonsense as internal', () => {
    expect(fromGrpcError({ code: 14, metadata: { get: () => [] } }).code).toBe('unavailable');
    expect(fromGrpcError({ code: 13, metadata: { get: () => ['{"code":"made_up"}'] } }).code).toBe('internal');
  });
});
