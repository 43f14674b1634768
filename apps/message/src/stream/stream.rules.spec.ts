import { describe, expect, it } from '@jest/globals';
import { judgeChunk, type StreamStanding, StreamState, streamLimits } from './stream.rules.js';

const stream: StreamStanding = { sender: 'bot', recipient: 'ann', seq: 4n, state: StreamState.coming, bytes: 100, sinceStartMs: 1_000, sinceLastMs: 10 };
const chunk = { from: 'bot', to: 'ann', seq: 5n, bytes: 10 };

describe('a further chunk', () => {
  it('is taken when it is the next one', () => {
    expect(judgeChunk(stream, chunk)).toEqual({});
  });

  it.each([
    ['of another sender', {}, { from: 'eve' }, { refused: 'stream_from_mismatch' }],
    ['to somebody else', {}, { to: 'eve' }, { refused: 'stream_to_mismatch' }],
    ['again', {}, { seq: 4n }, { refused: 'stream_seq_too_small' }],
    ['too early', {}, { seq: 6n }, { refused: 'stream_seq_illegal' }],
    ['after the end', { state: StreamState.finished }, {}, { refused: 'stream_finished' }],
    ['after a failure', { state: StreamState.tooLong }, {}, { refused: 'stream_too_long' }],
    ['more than 30 s later', { sinceLastMs: 30_001 }, {}, { refused: 'stream_interval_timeout', ends: StreamState.intervalTimeout }],
    ['more than 30 min after the first', { sinceStartMs: 1_800_001 }, {}, { refused: 'stream_timeout', ends: StreamState.timeout }],
    ['beyond 128 KB', { bytes: streamLimits.bytes - 9 }, {}, { refused: 'stream_too_long', ends: StreamState.tooLong }],
  ])('is refused %s', (_, standing, more, verdict) => {
    expect(judgeChunk({ ...stream, ...standing }, { ...chunk, ...more })).toEqual(verdict);
  });

  it('may fill the stream to the last byte', () => {
    expect(judgeChunk({ ...stream, bytes: streamLimits.bytes - 10 }, chunk)).toEqual({});
  });
});
