import { useEffect, type ReactNode } from 'react';
import type { PhoneSnapshot, RelayThatAsks } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';

/**
 * The relay that the app came from, where it asks who a device is and no computer is paired that could let this one in;
 * null where there is no such, `unknown` until it was asked.
 */
export function useRelayThatAsks(): PhoneSnapshot['asks'] {
  const phone = usePhone();
  const { asks, computers } = useModel();
  const alone = computers.length === 0;
  useEffect(() => {
    if (alone) void phone.lookAtRelay();
  }, [phone, alone]);
  return alone ? asks : null;
}

/** The same where it is known; null where it is not, or not yet. */
export function useAskingRelay(): RelayThatAsks | null {
  const asks = useRelayThatAsks();
  return asks === 'unknown' ? null : asks;
}

interface Props {
  relay: string;
  /** What leads to the admission page: the first run has no router to link with. */
  getIn: ReactNode;
}

/** A relay does not know this device: the way in for who has no computer there that could let it in. */
export function RelayAsks({ relay, getIn }: Props) {
  return (
    <Notice tone="calm" title="This relay asks who you are" actions={getIn}>
      <p>
        <Literal text={relay} className="text-small" />
      </p>
      <p>A computer that is in lets this device in as you pair. If you have none, get in first, then invite one.</p>
    </Notice>
  );
}
