import { describe, expect, it } from '@jest/globals';
import { actingDevice } from './acting-device.js';

describe('the device that acts', () => {
  it.each([
    ['is the one that the query names', { resource: 'webim_web_1' }, 'webim_web_1'],
    ['is the first of several', { resource: ['a', 'b'] }, 'a'],
    ['is none without a name', {}, ''],
    ['is none for an unset value written out', { resource: 'undefined' }, ''],
    ['is none for what no device can be called', { resource: 'a\u0000b' }, ''],
    ['is none for an endless name', { resource: 'x'.repeat(256) }, ''],
  ])('%s', (_, query, device) => {
    expect(actingDevice(query)).toBe(device);
  });
});
