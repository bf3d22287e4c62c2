import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { AccountDeviceView } from '../model/account-view.ts';
import { useModel } from '../model/use-model.tsx';
import { Chunks } from '../parts/chunks.tsx';
import { Fact, Facts } from '../parts/fact.tsx';
import { focusHeading } from '../parts/focus-heading.ts';
import { formatDate, formatTime } from '../parts/format.ts';
import { Page } from '../parts/page.tsx';
import { rowClass, RowContent, Rows } from '../parts/row.tsx';
import { useNow } from '../parts/use-now.ts';
import { mayBeTold } from './alarm-words.ts';
import { deviceTitle, kindWord } from './device-words.ts';
import { ReplaceKeys, Revoke } from './revoke.tsx';

const back = { to: '/devices', label: 'Devices' } as const;

function DeviceFacts({ device }: { device: AccountDeviceView }) {
  const now = useNow();
  const moment = (at: number, by: string | null) =>
    `${formatDate(at, now)}, ${formatTime(at)}${by === null ? '' : ` by ${by}`}`;
  return (
    <Facts>
      <Fact label="Kind">{kindWord(device.kind)}</Fact>
      <Fact label="Added">{moment(device.addedAt, device.addedBy)}</Fact>
      {device.revoked !== null && <Fact label="Removed">{moment(device.revoked.at, device.revoked.by)}</Fact>}
      <Fact label="Id">
        <Chunks text={device.id} size={4} />
      </Fact>
    </Facts>
  );
}

function WhatCanBeDone({ device }: { device: AccountDeviceView }) {
  const { account } = useModel();
  if (device.revoked !== null) return device.kind === 'computer' ? null : <ReplaceKeys />;
  if (device.self) {
    return <p className="text-muted">This device cannot remove itself. Do it on another device of the account.</p>;
  }
  const alarm = account?.alarm ?? null;
  if (account === null || (alarm !== null && !mayBeTold(alarm.code))) {
    return <p className="text-muted">It can be removed once the account’s record is within reach.</p>;
  }
  return <Revoke device={device} />;
}

/** One device of the account. */
export function DevicePage() {
  const { id } = useParams({ from: '/devices/$id' });
  const { account, computers } = useModel();
  const device = account?.devices.find((candidate) => candidate.id === id);
  const standing = device === undefined ? 'gone' : device.revoked === null ? 'active' : 'revoked';
  const before = useRef(standing);
  useEffect(() => {
    // The button that removed it is gone.
    if (standing !== before.current) focusHeading();
    before.current = standing;
  }, [standing]);
  if (device === undefined) {
    return (
      <Page title="Device" back={back}>
        <p>This device is not in your account.</p>
      </Page>
    );
  }
  const paired = device.kind === 'computer' && computers.some((computer) => computer.id === id);
  return (
    <Page title={deviceTitle(device)} back={back}>
      <DeviceFacts device={device} />
      {paired && (
        <Rows>
          <li>
            <Link to="/computers/$id" params={{ id }} className={rowClass}>
              <RowContent title="As a computer">Its reach, its permissions, its last requests</RowContent>
            </Link>
          </li>
        </Rows>
      )}
      <WhatCanBeDone device={device} />
    </Page>
  );
}
