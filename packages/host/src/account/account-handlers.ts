/** What the control socket's calls about the account do. */
import type { AccountCalls } from '../control/account-calls.ts';
import { accountFact, type Known } from './account-facts.ts';
import type { HostAccount } from './host-account.ts';
import type { Moving } from './moving.ts';

export interface AccountDeps {
  readonly account: HostAccount;
  readonly moving: Moving;
  known(): Known;
}

type AccountHandlers = {
  [Name in keyof AccountCalls]: (args: AccountCalls[Name]['args']) => Promise<AccountCalls[Name]['result']>;
};

export function accountHandlers(deps: AccountDeps): AccountHandlers {
  const { account, moving } = deps;
  const fact = () => accountFact(account, deps.known(), moving.trouble);
  return {
    account: async () => {
      await account.check();
      return fact();
    },
    'account-leave': async () => {
      await account.leave();
      return null;
    },
    'account-move': async ({ relay }) => {
      await moving.byHand(relay);
      return fact();
    },
  };
}
