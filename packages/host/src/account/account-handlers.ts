/** What the control socket's calls about the account do. */
import type { AccountCalls } from '../control/account-calls.ts';
import { accountFact, type Known } from './account-facts.ts';
import type { HostAccount } from './host-account.ts';

export interface AccountDeps {
  readonly account: HostAccount;
  known(): Known;
}

type AccountHandlers = {
  [Name in keyof AccountCalls]: (args: AccountCalls[Name]['args']) => Promise<AccountCalls[Name]['result']>;
};

export function accountHandlers(deps: AccountDeps): AccountHandlers {
  const { account } = deps;
  return {
    account: async () => {
      await account.check();
      return accountFact(account, deps.known());
    },
    'account-leave': async () => {
      await account.leave();
      return null;
    },
  };
}
