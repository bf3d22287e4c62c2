import { Notice } from '../parts/notice.tsx';
import { useOnline } from '../parts/use-online.ts';

/** This device has no network, while another one is to meet it: the other sees nothing of that. */
export function NoNetwork() {
  if (useOnline()) return null;
  return (
    <Notice tone="standing" title="No connection">
      <p>This device is offline, so the other one does not find it. Bring it back into a network.</p>
    </Notice>
  );
}
