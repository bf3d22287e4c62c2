import { SshWriter } from './wire.ts';
import { encodeAgentFrame } from './agent-frames.ts';

const ANSWER = { failure: 5, success: 6, identities: 12, signature: 14, extension: 29 } as const;

/** A key as the agent lists it. */
export interface AgentIdentity {
  readonly blob: Uint8Array;
  readonly comment: string;
}

/** `SSH_AGENT_FAILURE`, framed. */
export function encodeFailure(): Uint8Array<ArrayBuffer> {
  return encodeAgentFrame(Uint8Array.of(ANSWER.failure));
}

/** `SSH_AGENT_SUCCESS`, framed. */
export function encodeSuccess(): Uint8Array<ArrayBuffer> {
  return encodeAgentFrame(Uint8Array.of(ANSWER.success));
}

/** `SSH_AGENT_IDENTITIES_ANSWER`, framed. */
export function encodeIdentities(keys: readonly AgentIdentity[]): Uint8Array<ArrayBuffer> {
  const writer = new SshWriter().byte(ANSWER.identities).uint32(keys.length);
  for (const { blob, comment } of keys) writer.string(blob).text(comment);
  return encodeAgentFrame(writer.done());
}

/** `SSH_AGENT_SIGN_RESPONSE`, framed, around a signature blob (`string algorithm ‖ string signature`). */
export function encodeSignResponse(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeAgentFrame(new SshWriter().byte(ANSWER.signature).string(signature).done());
}

/** `SSH_AGENT_EXTENSION_RESPONSE` to `query`, framed: the extensions that are understood. */
export function encodeExtensionResponse(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const writer = new SshWriter().byte(ANSWER.extension).name('query');
  for (const name of names) writer.name(name);
  return encodeAgentFrame(writer.done());
}
