import type { AccountView } from '../model/account-view.ts';
import { Chunks } from '../parts/chunks.tsx';
import { Fact, Facts } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';

/** Hexadecimal digits of the head that people compare: 80 bits. */
const COMPARED_DIGITS = 20;

/** Where the account's chain ends, as this device has seen it, to be compared with other devices. */
export function AccountRecord({ account }: { account: AccountView }) {
  return (
    <Facts>
      <Fact label="Changes">{account.head.seqno}</Fact>
      <Fact label="Last one">
        <Chunks text={account.head.hash.slice(0, COMPARED_DIGITS)} size={4} />
      </Fact>
      <Fact label="Relay">
        {account.relay === null ? (
          'None yet: it is posted once a computer is paired'
        ) : (
          <Literal text={account.relay} className="text-small" />
        )}
      </Fact>
    </Facts>
  );
}
