/** The peer: OpenSSH's own agent with one Ed25519 key. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../e2e/lib/child.ts';

export interface SshAgent extends AsyncDisposable {
  readonly socket: string;
  /** The line for authorized_keys. */
  readonly keyLine: string;
  readonly publicKeyFile: string;
}

export async function startSshAgent(folder: string): Promise<SshAgent> {
  const key = join(folder, 'agent_key');
  const socket = join(folder, 'ssh-agent.sock');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const agent = new Child('ssh-agent', ['-D', '-a', socket]);
  await agent.prints(/SSH_AUTH_SOCK/);
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  // So that it is the agent that signs, whatever finds the file.
  const publicKeyFile = join(folder, 'in_agent.pub');
  renameSync(`${key}.pub`, publicKeyFile);
  rmSync(key);
  return {
    socket,
    keyLine: readFileSync(publicKeyFile, 'utf8').trim(),
    publicKeyFile,
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}
