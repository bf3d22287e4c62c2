/** The agent's socket: who may connect, what it takes the place of, and what becomes of its clients at its end. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FAILURE, loginData, signMessage } from '../testing/agent-messages.ts';
import { AgentRig } from '../testing/agent-rig.ts';
import { deferred } from '../testing/deferred.ts';

let rig: AgentRig;
beforeEach(async () => (rig = await AgentRig.begin()));
afterEach(() => rig[Symbol.asyncDispose]());

describe('the socket', () => {
  test('0600 in a folder of 0700, gone after close', async () => {
    expect(statSync(rig.socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(rig.folder.at('run')).mode & 0o777).toBe(0o700);
    await rig.agent.close();
    await rig.agent.close();
    expect(statSync(rig.socketPath, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('close fails what is being asked and ends the connections', async () => {
    await rig.agent.close();
    const asked = deferred<AbortSignal>();
    await rig.start({
      sign: (_login, signal) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    const client = rig.client();
    client.send(signMessage(loginData()));
    await asked.promise;
    const closed = rig.agent.close();
    expect((await client.next())?.[0]).toBe(FAILURE);
    expect(await client.next()).toBeNull();
    await closed;
  });

  test('a live agent is not replaced', async () => {
    await expect(rig.start()).rejects.toMatchObject({ code: 'agent-running' });
  });

  test('a stale socket is replaced', async () => {
    await rig.agent.close();
    const script = `require('net').createServer().listen(${JSON.stringify(rig.socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(statSync(rig.socketPath).isSocket()).toBe(true);
    await rig.start();
    const client = rig.client();
    expect(await client.ask(Uint8Array.of(11))).toBe(12);
  });

  test('a file in its place stays', async () => {
    await rig.agent.close();
    writeFileSync(rig.socketPath, 'mine');
    await expect(rig.start()).rejects.toMatchObject({ code: 'not-a-socket' });
  });

  test('a path of 103 bytes is the longest', async () => {
    await rig.agent.close();
    const base = rig.folder.at('run');
    const longest = join(base, 'x'.repeat(103 - Buffer.byteLength(base) - 1));
    await expect(rig.start({ socketPath: `${longest}x` })).rejects.toMatchObject({ code: 'path-too-long' });
    await rig.start({ socketPath: longest });
  });

  test('a folder that others can enter is refused', async () => {
    const open = rig.folder.at('open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    await expect(rig.start({ socketPath: join(open, 's') })).rejects.toMatchObject({ code: 'bad-permissions' });
  });
});
