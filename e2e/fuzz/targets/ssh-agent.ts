/** What programs of this computer say to the agent: a stream of frames, and the requests in them. */
import {
  AGENT_REQUEST,
  AgentFrames,
  type AgentRequest,
  encodeAgentFrame,
  parseAgentRequest,
  SshFormatError,
  SshWriter,
} from '@palmkey/core/ssh';
import { concat } from '@palmkey/envelope';
import { fixedBytes } from '../keys.ts';
import { hashOf, Random } from '../random.ts';
import type { Target } from '../target.ts';
import { named, sshVectors } from '../vectors.ts';

function encodeRequest(request: AgentRequest, bytes: Uint8Array): Uint8Array {
  switch (request.kind) {
    case 'identities':
      return Uint8Array.of(AGENT_REQUEST.identities);
    case 'sign':
      return new SshWriter()
        .byte(AGENT_REQUEST.sign)
        .string(request.key)
        .string(request.data)
        .uint32(request.flags)
        .done();
    case 'lock':
    case 'unlock':
      return new SshWriter().byte(AGENT_REQUEST[request.kind]).string(request.passphrase).done();
    case 'session-bind': {
      const { hostKey, sessionId, signature, forwarding } = request.bind;
      const writer = new SshWriter().byte(AGENT_REQUEST.extension).name('session-bind@openssh.com');
      return writer.string(hostKey).string(sessionId).string(signature).bool(forwarding).done();
    }
    case 'query':
      return new SshWriter().byte(AGENT_REQUEST.extension).name('query').done();
    case 'other':
      // Answered with a failure whatever follows its type: there is nothing to encode.
      return bytes;
  }
}

const { data, binds } = named(sshVectors.chains.valid, 'two hops');
const requests: readonly Uint8Array[] = [
  ...(
    [
      { kind: 'identities' },
      { kind: 'query' },
      { kind: 'lock', passphrase: fixedBytes('passphrase') },
      { kind: 'unlock', passphrase: new Uint8Array(0) },
      { kind: 'sign', key: fixedBytes('key'), data, flags: 0 },
      ...binds.map((bind): AgentRequest => ({ kind: 'session-bind', bind })),
    ] satisfies AgentRequest[]
  ).map((request) => encodeRequest(request, new Uint8Array(0))),
  Uint8Array.of(1),
  new SshWriter().byte(AGENT_REQUEST.extension).name('unheard-of@example.org').string(data).done(),
];

/** The frames of a stream that arrives in chunks whose borders follow from its bytes, and what is held at the end. */
function reassembled(stream: Uint8Array): Uint8Array {
  const random = new Random(hashOf(stream));
  const frames = new AgentFrames();
  const whole: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const end = Math.min(stream.length, at + 1 + random.below(random.oneIn(3) ? 1_000 : 8));
    whole.push(...frames.push(stream.subarray(at, end)).map(encodeAgentFrame));
    at = end;
  }
  return concat(...whole, stream.subarray(stream.length - frames.held));
}

export const sshAgentTargets: readonly Target[] = [
  {
    name: 'agent-frames',
    kind: 'codec',
    seeds: [
      concat(...requests.slice(0, 3).map(encodeAgentFrame)),
      concat(...requests.slice(4).map(encodeAgentFrame)),
      encodeAgentFrame(Uint8Array.of(AGENT_REQUEST.identities)),
    ],
    refusals: [SshFormatError],
    parse: reassembled,
  },
  {
    name: 'agent-request',
    kind: 'codec',
    seeds: requests,
    refusals: [SshFormatError],
    parse: (bytes) => encodeRequest(parseAgentRequest(bytes), bytes),
  },
];
