import { PalmkeyError } from '@palmkey/envelope';

/**
 * Why the agent cannot listen: `agent-running` (somebody answers on the socket), `path-too-long` (over 103 bytes),
 * `not-a-socket` (a file stands there that is not ours to replace), `listen-failed` (the system says no; see `cause`).
 */
export class AgentStartError extends PalmkeyError {
  override readonly name = 'AgentStartError';
  readonly code: 'agent-running' | 'path-too-long' | 'not-a-socket' | 'listen-failed';
  readonly path: string;

  constructor(code: AgentStartError['code'], path: string, cause?: unknown) {
    super(`${code}: ${path}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
  }
}
