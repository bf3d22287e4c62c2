/** A new device, as a process, that is killed when it has saved or posted: it posts again what it has, and is in the account. */
import { toHex } from '@palmkey/envelope';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { fixedAccount } from '../../packages/core/src/testing/fixed-account.ts';
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import { LoneRelay } from '../lib/lone-relay.ts';
import { RelayAccount } from '../lib/relay-account.ts';
import { tempFolder } from '../lib/temp.ts';

const program = fileURLToPath(new URL('../lib/joining-device.ts', import.meta.url));

/** A device as a process of its own; the signal that ended it, or its exit code. A failed test ends it by `signal`. */
async function run(signal: AbortSignal, ...args: readonly string[]): Promise<number | NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    signal,
    killSignal: 'SIGKILL',
  });
  const [code, endedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return endedBy ?? code;
}

// Side by side, each at a relay of its own: a member waits half a minute for who does not come.
test.concurrent.for(['saved', 'posted'] as const)(
  'killed when it has %s: it posts again what it has',
  async (when, { expect, signal }) => {
    using folder = tempFolder();
    await using relay = await LoneRelay.start(join(folder.path, 'relay'));
    using account = await RelayAccount.post(relay.url, await fixedAccount(`crash ${when}`, 2));
    const file = join(folder.path, 'saved.json');
    const name = `process ${when}`;
    const { outcome } = await account.letIn();
    expect(await run(signal, 'join', relay.url, name, file, when)).toBe('SIGKILL');
    const before = await account.links();
    expect(await outcome).toBe('timed-out @ joining');
    expect(await run(signal, 'resume', relay.url, name, file)).toBe(0);
    const after = await account.links();
    expect(after).toHaveLength(before.length + (when === 'saved' ? 2 : 0));
    expect(Buffer.from(after.at(-1)?.json ?? []).toString()).toContain(toHex((await fixedDevice(name)).id));
  },
);
