/** The browser's offer to install the app, kept until the person takes it. */

/** Chromium's event (not yet in TypeScript's DOM library). */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

/** How this browser installs: by its own question, by hand through the share sheet, or not at all that we know. */
export type InstallWay = 'ask' | 'share-sheet' | 'none';

let offer: InstallEvent | null = null;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function isInstallEvent(event: Event): event is InstallEvent {
  return 'prompt' in event && typeof event.prompt === 'function';
}

/** Begins to listen; as early as possible, since the browser says it once. */
export function keepInstallOffer(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    if (!isInstallEvent(event)) return;
    event.preventDefault();
    offer = event;
    tell();
  });
  window.addEventListener('appinstalled', () => {
    offer = null;
    tell();
  });
}

/** Is this the installed app already. */
export function isInstalled(): boolean {
  return (
    matchMedia('(display-mode: standalone)').matches || ('standalone' in navigator && navigator.standalone === true)
  );
}

/** Safari on iPhone and iPad: the only browser there that can, and only by hand. */
export function isShareSheetBrowser(userAgent: string, touchPoints: number): boolean {
  const apple = /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && touchPoints > 1);
  return apple && userAgent.includes('Safari/') && !/CriOS|FxiOS|EdgiOS/.test(userAgent);
}

/** Runs on an iPhone or iPad, in any browser: some of what the app says differs there. */
export function isApplePhone(userAgent: string, touchPoints: number): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && touchPoints > 1);
}

export function installWay(): InstallWay {
  if (isInstalled()) return 'none';
  if (offer !== null) return 'ask';
  return isShareSheetBrowser(navigator.userAgent, navigator.maxTouchPoints) ? 'share-sheet' : 'none';
}

export function watchInstall(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows the browser's own question; it can be shown once. */
export async function askToInstall(): Promise<void> {
  const taken = offer;
  offer = null;
  await taken?.prompt();
  tell();
}
