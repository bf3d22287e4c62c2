/** Whether the script that names servers is as written, and the agent's socket answers and is this person's alone. */
import { constants, lstatSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { AgentFrames, encodeAgentFrame } from '@palmkey/core/ssh';
import { knownHostsScript } from '../claims/known-hosts-command.ts';
import type { Paths } from '../paths.ts';
import { StateError } from '../state/errors.ts';
import { checkPrivate } from '../state/private-folder.ts';
import { type Finding, finding } from './finding.ts';

const requestIdentities = 11;
const identitiesAnswer = 12;
const answersWithinMs = 2_000;

export function checkScript({ knownHostsCommand: path, claims }: Paths): Finding[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return [finding('script', 'script-missing', { path })];
  if (readFileSync(path, 'utf8') !== knownHostsScript(claims)) return [finding('script', 'script-changed', { path })];
  const executable = (found.mode & constants.S_IXUSR) !== 0;
  return [finding('script', executable ? 'script-fine' : 'script-not-executable', { path })];
}

/** Lists the keys over the socket, as ssh does. */
export async function checkAgent({ agentSocket: path }: Paths): Promise<Finding[]> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [finding('agent', 'agent-silent', { path })];
  if (!found.isSocket()) return [finding('agent', 'agent-no-agent', { path })];
  if ((found.mode & 0o077) !== 0) return [finding('agent', 'agent-open-to-others', { path, mode: octal(found.mode) })];
  try {
    checkPrivate(dirname(path), 'folder');
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [finding('agent', 'agent-open-to-others', { path: error.path, mode: error.found })];
  }
  const keys = await listKeys(path);
  if (keys === 'silent') return [finding('agent', 'agent-silent', { path })];
  return [
    keys === 'no-agent' ? finding('agent', 'agent-no-agent', { path }) : finding('agent', 'agent-fine', { path, keys }),
  ];
}

function listKeys(path: string): Promise<number | 'silent' | 'no-agent'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const frames = new AgentFrames();
    const end = (result: number | 'silent' | 'no-agent') => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end('silent'), answersWithinMs);
    socket.on('error', () => end('silent'));
    socket.on('close', () => end('silent'));
    socket.on('connect', () => socket.write(encodeAgentFrame(Uint8Array.of(requestIdentities))));
    socket.on('data', (chunk: Buffer) => {
      try {
        const [frame] = frames.push(chunk);
        if (frame === undefined) return;
        const counts = frame[0] === identitiesAnswer && frame.length >= 5;
        end(counts ? new DataView(frame.buffer, frame.byteOffset).getUint32(1) : 'no-agent');
      } catch {
        end('no-agent');
      }
    });
  });
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
