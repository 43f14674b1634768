import { describe, expect, it } from '@jest/globals';
import { checkBatchSize, checkNickname, checkPassword, checkUsername, withoutRepetitions } from './registration.rules.js';

const code = (expected: string) => expect.objectContaining({ code: expected });

function refused(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('was accepted');
}

describe('a user name', () => {
  it.each([
    ['Alice', 'alice'],
    ['a', 'a'],
    ['0_a-b.C', '0_a-b.c'],
    ['X'.repeat(64), 'x'.repeat(64)],
  ])('%s is stored as %s', (name, stored) => expect(checkUsername(name)).toBe(stored));

  it.each(['', ' ', 'a b', 'a@b', 'a/b', 'a\0', '李雷', 'alice#1', "'; --"])('%j is not legal', (name) => {
    expect(refused(() => checkUsername(name))).toEqual(code('username_illegal'));
  });

  it.each(['x'.repeat(65), '李'.repeat(22)])('longer than 64 bytes is too long', (name) => {
    expect(refused(() => checkUsername(name))).toEqual(code('username_too_long'));
  });
});

describe('a password', () => {
  it('has 1 to 64 characters, counted as a reader would', () => {
    checkPassword('x');
    checkPassword('x'.repeat(64));
    checkPassword('\u{1f511}'.repeat(64));
    expect(refused(() => checkPassword(''))).toEqual(code('password_required'));
    expect(refused(() => checkPassword('x'.repeat(65)))).toEqual(code('password_too_long'));
    expect(refused(() => checkPassword('\u{1f511}'.repeat(65)))).toEqual(code('password_too_long'));
  });
});

describe('a nickname', () => {
  it('has up to 100 characters, and none that the store cannot keep', () => {
    expect(checkNickname('李'.repeat(100))).toBe('李'.repeat(100));
    expect(checkNickname('a\0b')).toBe('ab');
    expect(refused(() => checkNickname('x'.repeat(101)))).toEqual(code('nickname_too_long'));
  });
});

describe('a batch', () => {
  it('has up to 60 users', () => {
    checkBatchSize(60);
    expect(refused(() => checkBatchSize(61))).toMatchObject({ code: 'batch_too_large', params: { size: '61' } });
  });

  it('counts a name that is repeated with the same password once', () => {
    const batch = [
      { username: 'Bob', password: 'p' },
      { username: 'alice', password: 'p' },
      { username: 'bob', password: 'p' },
    ];
    expect(withoutRepetitions(batch)).toEqual(batch.slice(0, 2));
  });

  it('never tells the passwords of a name that has two', () => {
    const batch = [
      { username: 'bob', password: 'first-secret' },
      { username: 'BOB', password: 'other-secret' },
    ];
    const error = refused(() => withoutRepetitions(batch));
    expect(error).toMatchObject({ code: 'same_user_different_password', params: { username: 'bob', passwords: '***' } });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});
