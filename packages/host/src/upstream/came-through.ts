/**
 * Agents of ours can lead to each other in a ring. Each tells its upstream which ones a request has come through, with an
 * extension that every other agent answers with a failure and forgets.
 */
import { equal } from '@palmkey/envelope';
import { AGENT_REQUEST, SshFormatError, SshReader, SshWriter } from '@palmkey/core/ssh';

export const CAME_THROUGH = 'came-through@palmkey';
/** Random bytes that name an agent while it runs. */
export const AGENT_ID_BYTES = 16;
/** A way through more agents than these is none that a person made on purpose. */
const MAX_AGENTS = 8;

/** `byte 27 ‖ string "came-through@palmkey" ‖ string id …`: the agents passed, 16 bytes each, at most 8. */
export function encodeCameThrough(agents: readonly Uint8Array[]): Uint8Array {
  const writer = new SshWriter().byte(AGENT_REQUEST.extension).name(CAME_THROUGH);
  for (const agent of agents) writer.string(agent);
  return writer.done();
}

/** Reads the whole message. @throws SshFormatError */
export function parseCameThrough(message: Uint8Array): Uint8Array[] {
  const reader = new SshReader(message);
  if (reader.byte() !== AGENT_REQUEST.extension || reader.text(64) !== CAME_THROUGH) {
    throw new SshFormatError('not a list of agents');
  }
  const agents: Uint8Array[] = [];
  while (reader.remaining > 0) {
    const agent = reader.string(AGENT_ID_BYTES);
    if (agent.length !== AGENT_ID_BYTES || agents.length === MAX_AGENTS) {
      throw new SshFormatError('a list of agents that cannot be');
    }
    agents.push(agent);
  }
  return agents;
}

/** Whether a request that came through these may go on to an upstream of the agent with this id. */
export function mayGoOn(agents: readonly Uint8Array[], own: Uint8Array): boolean {
  return agents.length < MAX_AGENTS && !agents.some((agent) => equal(agent, own));
}
