import type { AccountMaker } from './account-maker.ts';

/** Whatever a device may try on a chain, allowed or not. */
export const attemptKinds = [
  'host',
  'member',
  'sibkey',
  'subkey',
  'paper',
  'revoke',
  'end',
  'end-and-another',
  'puk',
  'again',
] as const;

/** One try; `by` and `on` choose devices by numbers. */
export interface Attempt {
  readonly is: (typeof attemptKinds)[number];
  readonly by: number;
  readonly on: number;
}

/** Devices that are on the chain, were, or never will be: whose they are the tries before have said. */
const names = ['phone', 'tablet', 'words', 'laptop', 'desktop', 'tower', 'browser', 'new words', 'stranger'] as const;

const nameOf = (number: number): string => names[number % names.length] ?? 'phone';

/** The device that a try signs as. */
export const triedBy = ({ by }: Attempt): string => nameOf(by);

/** The chain with the links of a try, of which nothing was checked; the one that was given stays as it was. */
export async function attempted(chain: AccountMaker, attempt: Attempt): Promise<AccountMaker> {
  const tried = chain.fork();
  const [by, on] = [triedBy(attempt), nameOf(attempt.on)];
  const also = nameOf(Math.floor(attempt.on / names.length));
  switch (attempt.is) {
    case 'host':
      return tried.host(by, on);
    case 'member':
      return tried.member(by, on);
    case 'sibkey':
      return tried.sibkey(by, on);
    case 'subkey':
      return tried.subkey(on);
    case 'paper':
      return tried.paper(by, on);
    case 'revoke':
      return tried.revoke(by, on);
    case 'end':
      return (await tried.revoke(by, ...new Set([on, also]))).puk(by);
    case 'end-and-another':
      return (await tried.revoke(by, on)).puk(also);
    case 'puk':
      return tried.puk(by);
    case 'again':
      tried.links.push(...tried.links.slice(-1));
      return tried;
  }
}
