import { useOnline } from '../parts/use-online.ts';
import { Notice } from '../parts/notice.tsx';

/** The device itself has no network: nothing can ask until it has. */
export function OfflineNotice() {
  if (useOnline()) return null;
  return (
    <Notice tone="standing" title="No connection">
      <p>This device is offline, so no computer can ask. Keys, history and permissions are here all the same.</p>
    </Notice>
  );
}
