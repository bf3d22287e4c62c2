/** A GitHub of a test's own, in a process of its own (github-server.ts). */
import { join } from 'node:path';
import { Child } from './child.ts';

/** The one app that is registered with it. */
export const githubApp = { clientId: 'Iv1.0123456789abcdef', clientSecret: 'the-secret-of-the-relay' };

export class Github implements AsyncDisposable {
  readonly url: string;
  readonly #child: Child;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** `status`: it answers everything with that, as when it is down. */
  static async start(options: { redirectUris?: readonly string[]; status?: number } = {}): Promise<Github> {
    const { clientId, clientSecret } = githubApp;
    const uris = (options.redirectUris ?? []).flatMap((uri) => ['--redirect-uri', uri]);
    const status = options.status === undefined ? [] : ['--status', String(options.status)];
    const program = join(import.meta.dirname, 'github-server.ts');
    const app = ['--client-id', clientId, '--client-secret', clientSecret];
    const child = new Child(process.execPath, ['--import', 'tsx', program, ...app, ...uris, ...status]);
    try {
      const [, url = ''] = await child.prints(/"url":"([^"]+)"/);
      return new Github(child, url);
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A person or an organisation gets another name; the former one is free. */
  async rename(from: string, to: string): Promise<void> {
    const { status } = await fetch(`${this.url}/rename`, { method: 'POST', body: new URLSearchParams({ from, to }) });
    if (status !== 204) throw new Error(`nobody is called ${from}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
