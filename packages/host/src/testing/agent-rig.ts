/** An agent in a folder of its own, with one key that a phone signs with at once, and whatever clients a test opens. */
import { startAgent, type Agent, type AgentOptions } from '../ssh-agent/agent.ts';
import type { AgentEvent, LoginAsk } from '../ssh-agent/login-ask.ts';
import { AgentClient } from './agent-client.ts';
import { user } from './agent-messages.ts';
import { tempFolder } from './temp-folder.ts';

export class AgentRig implements AsyncDisposable {
  readonly folder = tempFolder();
  readonly socketPath = this.folder.at('run/agent.sock');
  /** What was asked of the phone. */
  readonly asks: LoginAsk[] = [];
  readonly events: AgentEvent[] = [];
  agent!: Agent;

  static async begin(): Promise<AgentRig> {
    const rig = new AgentRig();
    await rig.start();
    return rig;
  }

  async start(options: Partial<AgentOptions> = {}): Promise<void> {
    this.agent = await startAgent({
      socketPath: this.socketPath,
      keys: () => [{ blob: user.blob, comment: 'Pixel' }],
      sign: (login) => {
        this.asks.push(login);
        return Promise.resolve({ is: 'signed', signature: user.sign(login.data) });
      },
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
  }

  async restart(options: Partial<AgentOptions>): Promise<void> {
    await this.agent.close();
    await this.start(options);
  }

  /** A new client. It goes with the agent, unless the test has it go before. */
  client(): AgentClient {
    return new AgentClient(this.socketPath);
  }

  /** Why clients were refused, in order. */
  refusals(): string[] {
    return this.events.flatMap((event) => (event.kind === 'refused' ? [event.code] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.close();
    this.folder[Symbol.dispose]();
  }
}
