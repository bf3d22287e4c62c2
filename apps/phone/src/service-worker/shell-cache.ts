/** A file of the app, as the build lists it. */
export interface ShellFile {
  readonly url: string;
  readonly revision: string | null;
}

const CACHE_PREFIX = 'palmkey-shell-';

/**
 * Keeps the app's own files so that it starts without a network, and nothing else: no messages, no keys.
 * A new version is fetched beside the old one and takes over when the person says so or the last tab closes.
 */
export function keepShell(scope: ServiceWorkerGlobalScope, shell: readonly ShellFile[]): void {
  const name = cacheName(shell);
  scope.addEventListener('install', (event) => event.waitUntil(fillCache(name, shell)));
  scope.addEventListener('activate', (event) => event.waitUntil(dropOldCaches(name).then(() => scope.clients.claim())));
  scope.addEventListener('message', (event) => {
    if (event.data === 'take-over') event.waitUntil(scope.skipWaiting());
  });
  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    const ours = request.method === 'GET' && url.origin === scope.location.origin;
    if (ours && !isRelays(url.pathname)) event.respondWith(answer(name, request));
  });
}

/** The relay may live on the same origin: what it answers itself is never answered from here. */
function isRelays(pathname: string): boolean {
  return pathname.startsWith('/v1/') || ['/health', '/ready', '/metrics'].includes(pathname);
}

/** A short name for exactly this set of files; FNV-1a, since it only has to differ from version to version. */
function cacheName(shell: readonly ShellFile[]): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(shell)) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return CACHE_PREFIX + hash.toString(16);
}

async function fillCache(name: string, shell: readonly ShellFile[]): Promise<void> {
  const cache = await caches.open(name);
  await cache.addAll(shell.map(({ url }) => new Request(url, { cache: 'reload' })));
}

async function dropOldCaches(current: string): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== current);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const kept = await cache.match(request.mode === 'navigate' ? 'index.html' : request, { ignoreSearch: true });
  return kept ?? fetch(request);
}
