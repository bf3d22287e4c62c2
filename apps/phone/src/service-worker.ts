/**
 * Keeps the app's own files so that it starts without a network, and nothing else: no messages, no keys.
 * A new version is fetched beside the old one and takes over when the person says so or the last tab closes.
 */
interface ShellFile {
  readonly url: string;
  readonly revision: string | null;
}

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly ShellFile[] };

const shell = self.__WB_MANIFEST;
const cachePrefix = 'palmkey-shell-';

/** A short name for exactly this set of files; FNV-1a, since it only has to differ from version to version. */
function cacheName(): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(shell)) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return cachePrefix + hash.toString(16);
}

async function fillCache(): Promise<void> {
  const cache = await caches.open(cacheName());
  await cache.addAll(shell.map(({ url }) => new Request(url, { cache: 'reload' })));
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(cachePrefix) && name !== cacheName());
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName());
  const kept = await cache.match(request.mode === 'navigate' ? 'index.html' : request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(fillCache()));
self.addEventListener('activate', (event) => event.waitUntil(dropOldCaches().then(() => self.clients.claim())));
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(self.skipWaiting());
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === 'GET' && url.origin === self.location.origin;
  // The relay may live on the same origin: its API and health page are never answered from here.
  const relays = url.pathname.startsWith('/v1/') || url.pathname === '/health' || url.pathname === '/metrics';
  if (ours && !relays) event.respondWith(answer(request));
});
