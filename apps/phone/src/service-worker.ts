/** The service worker: the app's files without a network, and the phone while no page of it is open. */
import type { SealedBody } from '@palmkey/envelope';
import { BytesError, fromBase64Url, sealedBody } from '@palmkey/envelope';
import type { HexId } from './model/hex-id.ts';
import { parseNoticeData } from './notices/web-board.ts';
import { WorkerPhone } from './worker/worker-phone.ts';
import type { ShellFile } from './service-worker/shell-cache.ts';
import { keepShell } from './service-worker/shell-cache.ts';
import { windows, workerPorts } from './service-worker/worker-ports.ts';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly ShellFile[] };

keepShell(self, self.__WB_MANIFEST);
const phone = new WorkerPhone(workerPorts(self));

self.addEventListener('push', (event) => {
  event.waitUntil(phone.push(pushedBody(event.data)));
});
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(phone.renew()));
self.addEventListener('notificationclick', (event) => {
  const { hash } = parseNoticeData(event.notification.data);
  if (hash !== null && event.action === 'reject') event.waitUntil(phone.decide(hash, 'reject'));
  else if (hash !== null && event.action === 'allow') event.waitUntil(phone.decide(hash, 'approve'));
  else {
    event.notification.close();
    event.waitUntil(openApp(hash));
  }
});

/** A push carries a sealed preview as base64url (spec/requests.md, "Previews"); null for anything else. */
function pushedBody(data: PushMessageData | null): SealedBody | null {
  try {
    return data === null ? null : sealedBody(fromBase64Url(data.text()));
  } catch (error) {
    if (error instanceof BytesError) return null;
    throw error;
  }
}

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
