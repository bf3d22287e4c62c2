import { Link } from '@tanstack/react-router';
import type { AccountDeviceView, AccountView } from '../model/account-view.ts';
import { Icon } from '../parts/icon.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { useNow } from '../parts/use-now.ts';
import { DeviceLine } from './device-line.tsx';
import { deviceStory } from './device-words.ts';

/** Devices of the account, each leading to its page. */
export function DeviceRows({ devices }: { devices: readonly AccountDeviceView[] }) {
  const now = useNow();
  return (
    <Rows>
      {devices.map((device) => (
        <li key={device.id}>
          <Link to="/devices/$id" params={{ id: device.id }} className={rowClass}>
            <DeviceLine device={device} now={now} />
            <Icon name="forward" className="text-muted" />
          </Link>
        </li>
      ))}
    </Rows>
  );
}

/** The recovery words as a row of their own: there is one place for them, whether they are made or not. */
export function WordsRow({ words }: { words: AccountDeviceView | null }) {
  const now = useNow();
  return (
    <Rows>
      <li>
        <Link to="/devices/words" className={rowClass}>
          <RowContent picture={<Icon name="paper" size={24} className="text-muted" />} title="Recovery words">
            {words === null ? 'None yet: without another device, nothing brings you back' : deviceStory(words, now)}
          </RowContent>
        </Link>
      </li>
    </Rows>
  );
}

/** The account's relay, and that it is about to be another one. */
export function RelayRow({ account: { relay, moving } }: { account: AccountView }) {
  return (
    <Rows>
      <li>
        <Link to="/devices/relay" className={rowClass}>
          <RowContent title="Relay">{moving.is === 'none' ? (relay ?? 'None yet') : movingLine(moving)}</RowContent>
        </Link>
      </li>
    </Rows>
  );
}

function movingLine(moving: Exclude<AccountView['moving'], { is: 'none' }>): string {
  switch (moving.is) {
    case 'signing-in':
      return `You went to sign in at ${moving.to}`;
    case 'moving':
      return `Your account is moving to ${moving.to}`;
    case 'following':
      return `Your account has moved to ${moving.to}`;
    case 'failed':
      return 'Your account was not moved';
    case 'moved':
      return moving.left.length === 0 ? 'The former relay still keeps it' : `${moving.left.length} not there yet`;
  }
}
