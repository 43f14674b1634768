import { describe, expect, it } from '@jest/globals';
import { commands, findCommand, usage } from './administer.js';
import { toText } from './text.js';

describe('the commands of administration', () => {
  it('are found by their words, and stand in the usage', () => {
    for (const command of commands) {
      expect(findCommand([...command.words.split(' '), 'x'])).toBe(command);
      expect(usage()).toContain(`parley ${command.words}`);
    }
    expect(findCommand(['app'])).toBeUndefined();
    expect(findCommand(['up'])).toBeUndefined();
  });
});

describe('an answer as text', () => {
  it('is a table when it is a list, without columns that are empty', () => {
    const rows = [{ login: 'ann', apps: ['a', 'b'], used_ms: null }, { login: 'bartholomew', apps: [], used_ms: null }];
    expect(toText(rows)).toBe('login        apps\nann          a,b\nbartholomew');
    expect(toText([])).toBe('(none)');
  });

  it('is a line for each value otherwise', () => {
    expect(toText({ app: { name: 'x', created_ms: 0 }, secret: 's' })).toBe('app.name: x\napp.created_ms: 1970-01-01T00:00:00.000Z\nsecret: s');
  });
});
