/**
 * What a bench of asking needs, each the real program: relay, host, the app in Chromium and sshd, with a standing
 * permission that was given on the app's own screens. From then on nobody has to answer.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { approve } from '../e2e/lib/approve.ts';
import type { PhoneBrowser } from '../e2e/lib/browser.ts';
import type { Child } from '../e2e/lib/child.ts';
import { startPalmkey, startUp } from '../e2e/lib/palmkey.ts';
import { pairFresh } from '../e2e/lib/phone.ts';
import { sshClient } from '../e2e/lib/ssh.ts';
import { type Sshd, startSshd } from '../e2e/lib/sshd.ts';
import { freePort } from '../e2e/lib/temp.ts';

export interface Stage extends AsyncDisposable {
  /** PALMKEY_HOME. */
  readonly home: string;
  readonly host: Child;
  readonly browser: PhoneBrowser;
  readonly page: Page;
  /** The phone's key, as a line for authorized_keys. */
  readonly keyLine: string;
  readonly sshd: Sshd;
  /** ssh's configuration, for `ssh -F`. */
  readonly config: string;
}

export interface StageOptions {
  /** The relay's port, and the one by which host and phone reach it: that of a tap between them. */
  readonly ports?: { readonly relay: number; readonly reached: number };
}

/** Paired, the server's key pinned, and everything from this computer allowed for twelve hours. */
export async function openStage(folder: string, options: StageOptions = {}): Promise<Stage> {
  const opened: AsyncDisposable[] = [];
  const closing = async () => {
    for (const part of opened.reverse()) await part[Symbol.asyncDispose]();
  };
  try {
    const own = await freePort();
    const { relay: port, reached } = options.ports ?? { relay: own, reached: own };
    const origin = `http://localhost:${reached}`;
    const relay = startPalmkey(join(folder, 'relay'), 'relay', '--port', String(port), '--public-url', origin);
    opened.push(relay);
    await relay.prints(/palmkey up --relay/);
    const home = join(folder, 'host');
    const daemon = startUp({ home, port: reached, args: ['--relay', origin] });
    opened.push(daemon);
    const paired = await pairFresh(daemon, join(folder, 'profile'));
    opened.push(paired);
    const sshd = await startSshd(join(folder, 'sshd'));
    opened.push(sshd);
    sshd.authorize([paired.keyLine]);
    const ssh = sshClient(folder, home, sshd);
    // A new server is asked for and pinned; only what is pinned can be allowed.
    await using first = ssh.start('true');
    await approve(paired.page);
    await ends(first);
    await using second = ssh.start('true');
    await allowAll(paired.page);
    await ends(second);
    return {
      home,
      host: daemon.child,
      browser: paired.browser,
      page: paired.page,
      keyLine: paired.keyLine,
      sshd,
      config: ssh.config,
      [Symbol.asyncDispose]: closing,
    };
  } catch (error) {
    await closing();
    throw error;
  }
}

/** Answers what asks now with a permission for everything from its computer. */
async function allowAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: / for 1 h$/ }).click();
  await page.getByText('Everything from this computer', { exact: true }).click();
  await page.getByText('12 h', { exact: true }).click();
  const button = page.getByRole('button', { name: 'Approve and allow for 12 h' });
  await button.and(page.locator(':not([aria-disabled="true"])')).click();
}

async function ends(login: Child): Promise<void> {
  if ((await login.ended()) !== 0) throw new Error(`a login failed: ${login.output}`);
}
