/** The files of joining, of words and of the passphrase, fetched when they are wanted: for a page alone, since no service worker may fetch code. */
export const fetchFlows = {
  join: () => import('./join-flow.ts'),
  letIn: async () => {
    const [{ LetInFlow }, { letInAccount }] = await Promise.all([
      import('./let-in-flow.ts'),
      import('./let-in-account.ts'),
    ]);
    return { LetInFlow, letInAccount };
  },
  words: () => import('../account/recovery-words.ts'),
  passphrase: () => import('../passphrase/passphrase-work.ts'),
  move: () => import('../moving/move-flow.ts'),
} as const;

/** How they are fetched. */
export type FetchFlows = typeof fetchFlows;
