/** Worst cases of pairing: a reload in the middle, three wrong codes, somebody else on the link. */
import { join } from 'node:path';
import type { StatusFact } from '@palmkey/host/control';
import { parsePairingUrl, rendezvousIdOf } from '@palmkey/core/pairing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from '../lib/child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { confirmLink, pairFresh, type Paired, readCode } from '../lib/phone.ts';
import { connectDevice, makeDevice, squat } from '../lib/scripted-device.ts';
import { freePort, tempFolder, type TempFolder } from '../lib/temp.ts';

let temp: TempFolder;
let daemon: Daemon;
let phone: Paired;
const terminals: Child[] = [];

beforeAll(async () => {
  temp = tempFolder();
  daemon = startUp({ home: join(temp.path, 'home'), port: await freePort(), args: ['--no-try'] });
  phone = await pairFresh(daemon, join(temp.path, 'phone'));
  await unpair();
});
afterAll(async () => {
  await phone[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  temp[Symbol.dispose]();
});

/** `palmkey pair` in a terminal, and the link that it shows. */
async function startPairing(): Promise<{ terminal: Child; link: string }> {
  const terminal = startPalmkey(daemon.home, 'pair');
  terminals.push(terminal);
  const [link] = await terminal.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
  return { terminal, link };
}

async function phones(): Promise<string[]> {
  const { stdout } = await palmkey(daemon.home, 'status', '--json');
  return (JSON.parse(stdout) as StatusFact).phones.map(({ name }) => name);
}

const heading = (name: string | RegExp) => phone.page.getByRole('heading', { name }).waitFor();

/** Neither side knows the other: the computer lists no phone, the app no computer. */
async function nothingPaired(): Promise<void> {
  expect(await phones()).toEqual([]);
  await phone.page.goto(`${daemon.origin}/computers`);
  await phone.page
    .getByText(/^(No computer|None yet)/)
    .first()
    .waitFor();
}

async function unpair(): Promise<void> {
  expect((await palmkey(daemon.home, 'unpair')).exitCode).toBe(0);
  await nothingPaired();
}

/** Opens the link on the phone, and says yes to it. */
async function open(link: string): Promise<void> {
  await phone.page.goto(link);
  await confirmLink(phone.page);
}

/** Types the code that the phone shows, and sees both sides paired. */
async function finish(terminal: Child): Promise<void> {
  terminal.write(`${await readCode(phone.page)}\n`);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.stdout).toContain('Paired with Pixel.');
  await heading(/^\S+ is paired$/);
  expect(await phones()).toEqual(['Pixel']);
}

/** A new link pairs the two, whatever came before. */
async function pairsWithANewLink(): Promise<void> {
  const { terminal, link } = await startPairing();
  await open(link);
  await finish(terminal);
}

describe('after it', () => {
  afterEach(async () => {
    for (const terminal of terminals.splice(0)) await terminal[Symbol.asyncDispose]();
    await nothingPaired();
    await pairsWithANewLink();
    await unpair();
  });

  test('a page reloaded in the middle says that nothing was paired, as does the computer', async () => {
    const { terminal, link } = await startPairing();
    await open(link);
    await readCode(phone.page);
    await terminal.prints(/Type the six digits that Pixel shows/);
    await phone.page.reload();
    await heading('The page was closed in the middle');
    await phone.page.getByText(/Nothing was paired\. Run palmkey pair on \S+ for a new link\./).waitFor();
    // A page that goes away cannot be sure that its last word still leaves: the terminal may have to be told by hand.
    await endedOrInterrupted(terminal);
  });

  test('three wrong codes end it, in words on both sides', async () => {
    const { terminal, link } = await startPairing();
    await open(link);
    const code = await readCode(phone.page);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    terminal.write(`${wrong}\n`);
    await terminal.prints(/That is not the code on Pixel\. 2 more tries/);
    terminal.write(`${wrong}\n`);
    await terminal.prints(/That is not the code on Pixel\. One more try/);
    terminal.write(`${wrong}\n`);
    expect(await terminal.ended()).toBe(6);
    expect(terminal.stderr).toContain('palmkey: three wrong codes, so this pairing is over');
    await heading('The code was wrong three times');
    const log = await palmkey(daemon.home, 'log');
    expect(log.stdout).toContain('three wrong codes, so this pairing is over');
  });

  test('a squatter that was first leaves the phone without a code, and is forgotten by the relay', async () => {
    const { terminal, link } = await startPairing();
    const device = await makeDevice();
    const squatter = squat(link, device, 'Squatter');
    const grant = rendezvousIdOf(parsePairingUrl(link).sessionKey);
    const { client } = connectDevice(daemon.origin, device, grant);
    await client.connected(AbortSignal.timeout(10_000));
    await terminal.prints(/Type the six digits that Squatter shows/);

    await phone.page.clock.install();
    await open(link);
    await heading(/^Meeting /);
    // Its message is at the relay; the 20 s that it waits for an answer pass at once.
    await expect.poll(() => noteOf(phone.page)).toContain('"used":true');
    await phone.page.clock.fastForward(21_000);
    await heading(/^\S+ does not answer$/);
    await phone.page.getByText('Its link may have been used already, by you or by somebody else.').waitFor();
    expect(await phone.page.getByRole('img', { name: /^(\d ){5}\d$/ }).count()).toBe(0);

    const expelled = new Promise((resolve) => client.onState(resolve));
    terminal.kill('SIGINT');
    expect(await terminal.ended()).not.toBe(0);
    // It hears of the end, or finds the rendezvous gone.
    await expect(squatter.result).rejects.toMatchObject({
      code: expect.stringMatching(/^(peer-aborted|no-rendezvous)$/),
    });
    expect(await expelled).toMatchObject({ is: 'refused', code: 'removed' });
    client.close();
    const again = connectDevice(daemon.origin, device, grant);
    await expect(again.client.connected(AbortSignal.timeout(10_000))).rejects.toThrow();
    expect(again.client.state).toEqual({ is: 'refused', code: 'not-admitted' });
    again.client.close();
  });

  test('a device whose code was wrong three times is forgotten by the relay', async () => {
    const { terminal, link } = await startPairing();
    const device = await makeDevice();
    const scripted = squat(link, device, 'Scripted');
    const { client } = connectDevice(daemon.origin, device, rendezvousIdOf(parsePairingUrl(link).sessionKey));
    await client.connected(AbortSignal.timeout(10_000));
    await terminal.prints(/Type the six digits that Scripted shows/);
    const expelled = new Promise((resolve) => client.onState(resolve));
    // One of them may be right once in 300,000 runs.
    terminal.write('000001\n000002\n000003\n');
    expect(await terminal.ended()).toBe(6);
    await expect(scripted.result).rejects.toMatchObject({ code: 'peer-aborted', reason: 'wrong-code' });
    expect(await expelled).toMatchObject({ is: 'refused', code: 'removed' });
    client.close();
  });
});

test('a squatter that comes second is passed over, and the pairing completes', async () => {
  const { terminal, link } = await startPairing();
  await open(link);
  await readCode(phone.page);
  const device = await makeDevice();
  const squatter = squat(link, device, 'Squatter');
  await squatter.arrived;
  await finish(terminal);
  expect(terminal.output).not.toContain('Squatter');
  squatter.leave();
  await expect(squatter.result).rejects.toMatchObject({ name: 'PairingError' });
});

/** Ends a pairing that the phone has left, whether or not the terminal has heard of it. */
async function endedOrInterrupted(terminal: Child): Promise<void> {
  const heard = await terminal.ended(2_000).catch(() => null);
  if (heard === null) {
    terminal.kill('SIGINT');
    expect(await terminal.ended()).not.toBe(0);
    return;
  }
  expect(heard).toBe(4);
  expect(terminal.stderr).toContain('palmkey: the pairing was cancelled on the phone');
  expect(terminal.stderr).toContain('Nothing was kept. Start again with');
}

/** What this tab remembers of its pairing (apps/phone, engine/pairing-note). */
function noteOf(page: Paired['page']): Promise<string> {
  return page.evaluate(() => sessionStorage.getItem('palmkey-pairing') ?? '');
}
