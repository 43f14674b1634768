import { describe, expect, it } from '@jest/globals';
import { readUpConfig } from './up.config.js';

describe('options of "up"', () => {
  it('is one process and one gateway unless told otherwise', () => {
    expect(readUpConfig([], {})).toMatchObject({ processes: false, gateways: 1, apiPort: 7380, gatewayPort: 7390, demoPort: 7370 });
    expect(readUpConfig(['--processes', '--gateways', '2'], { PARLEY_API_PORT: '0' })).toMatchObject({ processes: true, gateways: 2, apiPort: 0 });
  });

  it.each([
    [['--gateways', '0'], {}, '--gateways: a number from 1 to 16, not "0"'],
    [['--gateways', 'many'], {}, 'not "many"'],
    [['--fast'], {}, "Unknown option '--fast'"],
    [['extra'], {}, 'extra'],
    [[], { PARLEY_API_PORT: '99999' }, 'PARLEY_API_PORT'],
  ])('explains what is wrong with %j %j', (args, env, message) => {
    expect(() => readUpConfig(args, env)).toThrow(message);
  });
});
