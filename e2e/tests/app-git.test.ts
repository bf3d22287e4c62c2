/** A commit on the phone's screen, made by a real git: all of its text, hidden characters, and one of five megabytes. */
import type { Page } from 'playwright-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import { GitBench } from '../lib/git.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let page: Page;
let git: GitBench;
let repository: string;

beforeAll(async () => {
  stage = await Stage.open();
  page = stage.page;
  git = new GitBench(stage.folder, stage.home);
  await git.ok(stage.folder, 'config', '--global', 'user.name', 'Ada Lovelace');
  await git.ok(stage.folder, 'config', '--global', 'user.email', 'ada@example.org');
  const done = await git.palmkey(stage.folder, 'git', 'setup');
  expect(done.exitCode, done.output).toBe(0);
  repository = await git.repository('shop');
  await git.ok(repository, 'remote', 'add', 'origin', 'git@git.example.org:team/shop.git');
});
afterAll(() => stage[Symbol.asyncDispose]());

const verified = async () => (await git.run(repository, 'verify-commit', 'HEAD')).output;
const slip = async () => (await page.getByRole('main').innerText()).replaceAll(/\s+/g, ' ');

test('the screen shows subject, body, author with zone, repository and remote, and what exactly is signed', async () => {
  const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'Add a page', '-m', 'About us.');
  await page.getByRole('heading', { name: /^Sign a commit: Add a page/ }).waitFor();
  const text = await slip();
  expect(text).toContain('About us.');
  expect(text).toMatch(/Author and committer Ada Lovelace <ada@example\.org> \d+ \w+ \d{4}, \d\d:\d\d [+-]\d{4}/);
  expect(text).toContain('git@git.example.org:team/shop.git');
  expect(text).toContain('None: the first commit');
  await page.getByRole('button', { name: 'What exactly will be signed' }).click();
  await page.getByText(/^tree [0-9a-f]{40}\nauthor Ada Lovelace <ada@example\.org> \d+/).waitFor();
  await approve(page);
  expect(await commit.ended(), commit.output).toBe(0);
  expect(await verified()).toContain('Good "git" signature');
  await page.getByText(/Signed · \S+ confirmed$/).waitFor();
});

test('hidden characters stand there by name, and the button has to be held', async () => {
  const message = 'Fix \u202etypo\u202c\n\nOne\u200b word.';
  const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-m', message);
  await page.getByText('Some characters here do not show').waitFor();
  const text = await slip();
  for (const name of ['U+202E', 'U+202C', 'U+200B']) expect(text).toContain(name);
  await page.getByRole('button', { name: 'Hold to approve once' }).waitFor();
  await approve(page);
  expect(await commit.ended(), commit.output).toBe(0);
  expect(await verified()).toContain('Good "git" signature');
});

test('a message of five megabytes arrives in parts, is turned in pages, and verifies', async () => {
  const file = join(stage.folder, 'message');
  writeFileSync(file, `Import the word list\n\n${'the quick brown fox jumps over the lazy dog\n'.repeat(120_000)}`);
  const commit = git.start(repository, 'commit', '-q', '--allow-empty', '-F', file);
  await page
    .getByText(/^Page 1 of \d+$/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'To the last page' }).first().click();
  await page
    .getByText(/^Page (\d+) of \1$/)
    .first()
    .waitFor();
  await approve(page);
  expect(await commit.ended(), commit.output).toBe(0);
  expect(await verified()).toContain('Good "git" signature');
});

test('commits allowed for a while are signed without asking', async () => {
  const first = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'One');
  await page.getByRole('button', { name: 'Commits for 1 h' }).click();
  await page.getByRole('button', { name: 'Approve and allow for 1 h', disabled: false }).click();
  expect(await first.ended(), first.output).toBe(0);
  const second = git.start(repository, 'commit', '-q', '--allow-empty', '-m', 'Two');
  expect(await second.ended(), second.output).toBe(0);
  expect(await verified()).toContain('Good "git" signature');
  await page.getByText('Commits and tags').waitFor();
  await page.getByText(/Approved by permission · git/).waitFor();
});
