import { useEffect, useState, type ReactNode } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Notice } from '../parts/notice.tsx';

/**
 * The relay that the app came from, where it asks who a device is and no computer is paired that could let this one in;
 * null where there is no such, undefined until that is known.
 */
export function useRelayThatAsks(): string | null | undefined {
  const phone = usePhone();
  const { computers } = useModel();
  const alone = computers.length === 0;
  const [relay, setRelay] = useState<string | null>();
  useEffect(() => {
    if (!alone) return;
    let gone = false;
    void phone.relayThatAsks().then((found) => {
      if (!gone) setRelay(found);
    });
    return () => {
      gone = true;
    };
  }, [phone, alone]);
  return alone ? relay : null;
}

/**
 * The way in for who has no computer that is in; nothing where a pairing alone is enough. `getIn` makes what leads to the
 * admission page: the first run has no router to link with.
 */
export function RelayAsks({ getIn }: { getIn: (relay: string) => ReactNode }) {
  const relay = useRelayThatAsks();
  if (relay === null || relay === undefined) return null;
  return (
    <Notice tone="calm" title="This relay asks who you are" actions={getIn(relay)}>
      <p>A computer that is in lets this device in as you pair. If you have none, get in first, then invite one.</p>
    </Notice>
  );
}
