/** What the phone's screen says of the request in front of the person. */
import type { Page } from 'playwright-core';
import { approve, reject } from './approve.ts';

export interface Slip {
  /** All of it, white space squeezed. */
  readonly text: string;
  /** What for and where to: `Log in to alpha.example.org as deploy`. */
  readonly title: string;
  /** A fact by its label, `Host key`, `Key` or `Via`; empty where there is none. */
  fact(label: string): string;
  /** Whether approving takes a hold. */
  readonly unusual: boolean;
  /** Lines under the title without any white space, where a fingerprint may be broken over lines. */
  readonly solid: string;
}

const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Waits for a request that can be answered, and reads it. */
export async function readSlip(page: Page): Promise<Slip> {
  const button = page.getByRole('button', { name: /approve once/i }).and(page.locator(':not([aria-disabled="true"])'));
  await button.waitFor();
  const [text, title, word, facts] = await Promise.all([
    page.getByRole('main').innerText(),
    page.getByRole('main').getByRole('heading', { level: 1 }).innerText(),
    button.innerText(),
    page
      .locator('main dl > div')
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector('dt')?.textContent ?? '', row.querySelector('dd')?.innerText ?? '']),
      ),
  ]);
  return {
    text: squeezed(text),
    title: squeezed(title),
    fact: (label) => squeezed(facts.find(([name]) => name === label)?.[1] ?? ''),
    unusual: /hold/i.test(word),
    solid: text.replaceAll(/\s/g, ''),
  };
}

/** Reads the next request and answers it; returns what was read. */
export async function answer(page: Page, decision: 'approve' | 'reject' = 'approve'): Promise<Slip> {
  const slip = await readSlip(page);
  await (decision === 'approve' ? approve(page) : reject(page));
  return slip;
}

/** Approves so many requests, one after the other; returns their titles. */
export async function approveAll(page: Page, count: number): Promise<string[]> {
  const titles: string[] = [];
  for (let at = 0; at < count; at += 1) titles.push((await answer(page)).title);
  return titles;
}

/** Resolves once nothing is in front of the person. */
export async function nothingAsks(page: Page): Promise<void> {
  await page.getByText('Nothing is asking.').waitFor();
}

/** Puts away a request that ended without an answer from here, if one is in front. */
export async function putAway(page: Page): Promise<void> {
  const back = page.getByRole('button', { name: 'Back to the inbox' });
  const clear = page.getByText('Nothing is asking.');
  await back.or(clear).waitFor();
  if (await back.isVisible()) await back.and(page.locator(':not([aria-disabled="true"])')).click();
  await clear.waitFor();
}
