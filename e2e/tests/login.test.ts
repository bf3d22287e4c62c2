/** The first scene, whole: link or QR, code, login, reject, restart, unpair — with real ssh, sshd and Chromium. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve, reject } from '../lib/approve.ts';
import { openBrowser } from '../lib/browser.ts';
import { runProgram } from '../lib/child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../lib/palmkey.ts';
import { confirmLink, keyLineOf, makeKey, pairFresh, type Paired, readCode } from '../lib/phone.ts';
import { readHalfBlocks, writeQrVideo } from '../lib/qr-video.ts';
import { type Sshd, startSshd } from '../lib/sshd.ts';
import { sshClient } from '../lib/ssh.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const folder = tempFolder();
const home = join(folder.path, 'home');
let port: number;
let daemon: Daemon;
let phone: Paired;
let sshd: Sshd;
let localKey: string;

beforeAll(async () => {
  port = await freePort();
  daemon = startUp({ home, port });
  phone = await pairFresh(daemon, join(folder.path, 'profile'));
  sshd = await startSshd(join(folder.path, 'sshd'));
  sshd.authorize([phone.keyLine]);
  localKey = join(folder.path, 'local_key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', localKey]);
});

afterAll(async () => {
  await phone[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('a login to a real sshd', () => {
  test('asks the phone with host, user and key, and goes through on approval', async () => {
    const ssh = sshClient(folder.path, home, sshd).startInTerminal('echo', 'in');
    await phone.page.getByRole('heading', { name: /prod-3\.example\.org/ }).waitFor();
    const slip = await phone.page.getByRole('main').innerText();
    expect(slip).toContain(sshd.user);
    expect(slip.replaceAll(/\s/g, '')).toContain(sshd.fingerprint);
    expect(slip).toMatch(/Hold to approve once/);
    await approve(phone.page);
    expect(await ssh.ended()).toBe(0);
    expect(ssh.output).toMatch(/in\r?\n/);
    expect(ssh.output).toContain('Palmkey ▶ asking Pixel…');
    expect(ssh.output).toContain('Palmkey ▶ approved on Pixel');
    expect(sshd.log()).toMatch(new RegExp(`Accepted publickey for ${sshd.user} .* ED25519`));
  });

  test('to the same server again shows the host key as pinned and takes a tap', async () => {
    const ssh = sshClient(folder.path, home, sshd).start('true');
    await phone.page.getByText(/pinned/i).waitFor();
    expect(await phone.page.getByRole('button', { name: 'Approve once' }).textContent()).not.toMatch(/hold/i);
    await approve(phone.page);
    expect(await ssh.ended()).toBe(0);
  });

  test('that is rejected falls back to a local key, and says so', async () => {
    sshd.authorize([phone.keyLine, readFileSync(`${localKey}.pub`, 'utf8').trim()]);
    const ssh = sshClient(folder.path, home, sshd, { localKey }).startInTerminal('echo', 'by-local-key');
    await reject(phone.page);
    expect(await ssh.ended()).toBe(0);
    expect(ssh.output).toContain('by-local-key');
    expect(ssh.output).toContain('Palmkey ▶ rejected on Pixel');
    sshd.authorize([phone.keyLine]);
  });

  test('that is rejected without a local key fails', async () => {
    const ssh = sshClient(folder.path, home, sshd).start('true');
    await reject(phone.page);
    expect(await ssh.ended()).toBe(255);
  });
});

test('the command that `up` prints logs in to the try-server', async () => {
  const [, config = ''] = await daemon.child.prints(/ssh -F (\S+) try/);
  const ssh = runProgram('ssh', ['-F', config, 'try', 'echo', 'tried']);
  await approve(phone.page);
  const { exitCode, output } = await ssh;
  expect(output).toContain('tried');
  expect(exitCode).toBe(0);
});

test('everything is as it was after a restart of relay and host', async () => {
  await daemon[Symbol.asyncDispose]();
  daemon = startUp({ home, port });
  await daemon.child.prints(/Pixel:?\s+here/);
  const ssh = sshClient(folder.path, home, sshd).start('true');
  await phone.page.getByText(/pinned/i).waitFor();
  await approve(phone.page);
  expect(await ssh.ended()).toBe(0);
});

test('the QR code that the terminal prints is scanned by the camera, and the phone pairs', async () => {
  const otherHome = join(folder.path, 'other');
  const otherPort = await freePort();
  await using other = startUp({
    home: otherHome,
    port: otherPort,
    args: ['--public-url', `http://localhost:${otherPort}`],
  });
  const link = await other.link();
  const video = join(folder.path, 'qr.y4m');
  writeQrVideo(video, readHalfBlocks(other.child.stdout));
  await using scanner = await openBrowser(join(folder.path, 'scanner'), { camera: video });
  const { page } = scanner;
  await page.goto(new URL(link).origin);
  await makeKey(page, { device: 'Scanner' });
  await page.getByRole('button', { name: /scan/i }).click();
  other.child.write(`${await readCode(page)}\n`);
  await page.getByRole('button', { name: 'Go to the inbox' }).click();
  await other.child.prints(/Paired with Scanner/);
  expect(await keyLineOf(otherHome)).toMatch(/^ssh-ed25519 /);
});

describe('unpairing takes effect at once', () => {
  test('from the app: the computer forgets the phone and its keys', async () => {
    await phone.page.getByRole('link', { name: 'Computers' }).first().click();
    await phone.page.getByRole('main').getByRole('link').first().click();
    await phone.page.getByRole('button', { name: /unpair/i }).click();
    await phone.page
      .getByRole('dialog')
      .getByRole('button', { name: /unpair/i })
      .click();
    await daemon.child.prints(/unpaired|no phone/i);
    const status = JSON.parse((await palmkey(home, 'status', '--json')).stdout) as { phones: unknown[] };
    expect(status.phones).toEqual([]);
    const ssh = sshClient(folder.path, home, sshd).start('true');
    expect(await ssh.ended()).toBe(255);
  });

  test('from the computer: the app forgets it, and a login asks nobody', async () => {
    const pairing = startPalmkey(home, 'pair');
    const [link] = await pairing.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/);
    await phone.page.goto(link);
    await confirmLink(phone.page);
    pairing.write(`${await readCode(phone.page)}\n`);
    expect(await pairing.ended()).toBe(0);
    const unpaired = await palmkey(home, 'unpair', 'Pixel');
    expect(unpaired.exitCode).toBe(0);
    await phone.page.goto(`${daemon.origin}/computers`);
    await phone.page
      .getByText(/no computer/i)
      .first()
      .waitFor();
    const ssh = sshClient(folder.path, home, sshd).start('true');
    expect(await ssh.ended()).toBe(255);
  });
});
