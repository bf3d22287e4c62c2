/** A server whose key changed, from the person's side: both keys to compare, why, what to do, and only then the pin. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../lib/slip.ts';
import { startSshd } from '../lib/sshd.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let page: Page;
let old: string;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
  const first = stage.login();
  await answer(page);
  expect(await first.ended()).toBe(0);
  old = stage.sshd.fingerprint;
  await stage.sshd[Symbol.asyncDispose]();
  stage.sshd = await startSshd(join(stage.folder, 'sshd'), { port: stage.sshd.port, freshHostKey: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

test('the old and the new key stand side by side, and the pin goes only after they were compared', async () => {
  const ssh = stage.login();
  await page.getByRole('link', { name: 'Look deeper' }).click();
  await page.getByRole('heading', { name: 'The host key changed' }).waitFor();
  await page.getByRole('img', { name: old }).waitFor();
  await page.getByRole('img', { name: stage.sshd.fingerprint }).waitFor();
  const text = await page.getByRole('main').innerText();
  expect(text).toMatch(/The old one was pinned on/);
  expect(text).toContain('Somebody changed it on purpose.');
  expect(text).toContain('Somebody stands in between.');
  expect(text).toContain('ssh-keygen -lf');

  const forget = page.getByRole('button', { name: 'Hold to forget the pinned key' });
  const given = page.getByLabel('What the owner gave you');
  expect(await forget.getAttribute('aria-disabled')).toBe('true');
  await given.fill(`256 ${old} root@server (ED25519)`);
  await page.getByRole('heading', { name: 'It is the old one' }).waitFor();
  await page.getByRole('checkbox').check();
  expect(await forget.getAttribute('aria-disabled')).toBe('true');
  await given.fill(`256 ${stage.sshd.fingerprint} root@server (ED25519)`);
  await page.getByRole('heading', { name: 'It is the same' }).waitFor();
  await forget.click({ delay: 750 });
  expect(await ssh.ended()).not.toBe(0);
});

test('after that the server is new, and is asked for again', async () => {
  const ssh = stage.login();
  const slip = await answer(page);
  expect(slip.fact('Host key')).toMatch(/^New/);
  expect(slip.unusual).toBe(true);
  expect(await ssh.ended()).toBe(0);
});
