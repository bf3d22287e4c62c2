import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '@palmkey/envelope';
import {
  AgentFrames,
  encodeAgentFrame,
  encodeExtensionResponse,
  encodeFailure,
  encodeIdentities,
  encodeSignResponse,
  encodeSuccess,
  MAX_AGENT_FRAME_BYTES,
  parseAgentRequest,
  SshFormatError,
  SshReader,
  SshWriter,
} from './index.ts';

const bytes = (length: number) => new Uint8Array(length).fill(length);
const bind = { hostKey: bytes(51), sessionId: bytes(32), signature: bytes(83), forwarding: true };
const bindName = 'session-bind@openssh.com';
const written = {
  identities: Uint8Array.of(11),
  sign: new SshWriter().byte(13).string(bytes(51)).string(bytes(200)).uint32(2).done(),
  lock: new SshWriter().byte(22).text('secret').done(),
  bind: new SshWriter().byte(27).name(bindName).string(bytes(51)).string(bytes(32)).string(bytes(83)).bool(true).done(),
  query: new SshWriter().byte(27).name('query').done(),
};

describe('AgentFrames', () => {
  test('gives the messages back, however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(400)), (sent, cuts) => {
        const stream = concat(...sent.map(encodeAgentFrame));
        const edges = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
        const frames = new AgentFrames();
        const got = edges.slice(1).flatMap((edge, i) => frames.push(stream.slice(edges[i], edge)));
        expect(got).toEqual(sent);
        expect(frames.held).toBe(0);
      }),
    );
  });
  test('256 KiB is the longest; one more and an empty one are refused by their length alone', () => {
    const longest = encodeAgentFrame(new Uint8Array(MAX_AGENT_FRAME_BYTES));
    expect(new AgentFrames().push(longest)[0]).toHaveLength(MAX_AGENT_FRAME_BYTES);
    expect(() => new AgentFrames().push(Uint8Array.of(0, 4, 0, 1))).toThrow(SshFormatError);
    expect(() => new AgentFrames().push(new Uint8Array(4))).toThrow(SshFormatError);
    expect(new AgentFrames().push(Uint8Array.of(0, 4, 0, 0))).toEqual([]);
  });
});

describe('parseAgentRequest', () => {
  test('reads what clients ask', () => {
    expect(parseAgentRequest(written.identities)).toEqual({ kind: 'identities' });
    expect(parseAgentRequest(written.sign)).toEqual({ kind: 'sign', key: bytes(51), data: bytes(200), flags: 2 });
    expect(parseAgentRequest(written.lock)).toEqual({ kind: 'lock', passphrase: new TextEncoder().encode('secret') });
    expect(parseAgentRequest(written.bind)).toEqual({ kind: 'session-bind', bind });
    expect(parseAgentRequest(written.query)).toEqual({ kind: 'query' });
    expect(parseAgentRequest(Uint8Array.of(17, 1))).toEqual({ kind: 'other', type: 17, extension: null });
    const other = new SshWriter().byte(27).name('x@y').byte(1).done();
    expect(parseAgentRequest(other)).toEqual({ kind: 'other', type: 27, extension: 'x@y' });
  });
  test.each(Object.entries(written))('%s: refuses every truncation and a byte more', (_name, message) => {
    for (let end = 0; end < message.length; end++) {
      expect(() => parseAgentRequest(message.slice(0, end))).toThrow(SshFormatError);
    }
    expect(() => parseAgentRequest(concat(message, Uint8Array.of(0)))).toThrow(SshFormatError);
  });
  test.each([0, 129])('a bind with a session id of %i bytes is refused', (length) => {
    const writer = new SshWriter().byte(27).name(bindName).string(bytes(51)).string(bytes(length)).string(bytes(83));
    expect(() => parseAgentRequest(writer.bool(false).done())).toThrow(SshFormatError);
  });
});

test('answers', () => {
  expect(encodeFailure()).toEqual(Uint8Array.of(0, 0, 0, 1, 5));
  expect(encodeSuccess()).toEqual(Uint8Array.of(0, 0, 0, 1, 6));
  const read = (framed: Uint8Array) => new SshReader(new AgentFrames().push(framed)[0]!);
  const list = read(encodeIdentities([{ blob: bytes(51), comment: 'Päm' }]));
  expect([list.byte(), list.uint32(), list.string(), list.text(), list.remaining]).toEqual([
    12,
    1,
    bytes(51),
    'Päm',
    0,
  ]);
  const signed = read(encodeSignResponse(bytes(83)));
  expect([signed.byte(), signed.string(), signed.remaining]).toEqual([14, bytes(83), 0]);
  const names = read(encodeExtensionResponse(['query']));
  expect([names.byte(), names.text(), names.text(), names.remaining]).toEqual([29, 'query', 'query', 0]);
});
