/** The service worker: the app's files without a network, and the phone while no page of it is open. */
import { sealedBody } from '@palmkey/envelope';
import type { HexId } from './model/model.ts';
import { parseNoticeData } from './notices/web-board.ts';
import { WorkerPhone } from './worker/worker-phone.ts';
import type { ShellFile } from './service-worker/shell-cache.ts';
import { keepShell } from './service-worker/shell-cache.ts';
import { windows, workerPorts } from './service-worker/worker-ports.ts';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly ShellFile[] };

keepShell(self, self.__WB_MANIFEST);
const phone = new WorkerPhone(workerPorts(self));

self.addEventListener('push', (event) => {
  const bytes = event.data === null ? null : new Uint8Array(event.data.arrayBuffer());
  event.waitUntil(phone.push(bytes === null ? null : sealedBody(bytes)));
});
self.addEventListener('notificationclick', (event) => {
  const { hash } = parseNoticeData(event.notification.data);
  if (hash !== null && event.action === 'reject') event.waitUntil(phone.decide(hash, 'reject'));
  else if (hash !== null && event.action === 'allow') event.waitUntil(phone.decide(hash, 'approve'));
  else {
    event.notification.close();
    event.waitUntil(openApp(hash));
  }
});

/** Brings the app to the front, at a request if there is one. */
async function openApp(hash: HexId | null): Promise<void> {
  const [page] = await windows(self);
  if (page === undefined) {
    await self.clients.openWindow(hash === null ? '/' : `/#request=${hash}`);
    return;
  }
  const focused = await page.focus();
  focused.postMessage({ is: 'show', hash });
}
