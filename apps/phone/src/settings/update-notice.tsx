import { useSyncExternalStore } from 'react';
import { takeUpdate, updateWaits, watchUpdate } from '../app/updates.ts';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

/** A newer app was fetched and waits for the person's yes. */
export function UpdateNotice() {
  const waits = useSyncExternalStore(watchUpdate, updateWaits);
  if (!waits) return null;
  return (
    <Notice tone="calm" title="A new version is ready" actions={<Button onClick={takeUpdate}>Restart with it</Button>}>
      <p>It was fetched from where this page came from.</p>
    </Notice>
  );
}
