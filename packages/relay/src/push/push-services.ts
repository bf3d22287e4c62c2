/**
 * The push services of the browsers, as hosts; `*.` stands for one or more labels. The relay sends requests to what
 * devices name, so that it must not be free for them to name: whatever is not listed here, or by the operator, is refused.
 */
const BROWSERS: readonly string[] = [
  // Chrome, and the browsers made of Chromium; the second one where they were built without Google's keys.
  'fcm.googleapis.com',
  'jmt17.google.com',
  // Firefox.
  '*.push.services.mozilla.com',
  // Edge on Windows.
  '*.notify.windows.com',
  // Safari, and every browser on an iPhone.
  '*.push.apple.com',
];

/** The push services that a relay speaks to. */
export class PushServices {
  readonly #exact = new Set<string>();
  readonly #endings: string[] = [];

  /** `added`: further services, as `host`, `host:port` or `*.host`. Throws `TypeError` for one that is none of these. */
  constructor(added: readonly string[] = []) {
    for (const service of [...BROWSERS, ...added]) {
      const any = service.startsWith('*.');
      const host = hostOf(any ? service.slice(2) : service);
      if (any) this.#endings.push(`.${host}`);
      else this.#exact.add(host);
    }
  }

  /** The address of an endpoint at one of the services; null for any other, and for what is not plain `https:`. */
  find(endpoint: string): URL | null {
    if (!URL.canParse(endpoint)) return null;
    const url = new URL(endpoint);
    if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null;
    // `host` has the port where it is not 443.
    const known = this.#exact.has(url.host) || this.#endings.some((ending) => url.host.endsWith(ending));
    return known ? url : null;
  }
}

/** A host, with its port unless that is 443, as URLs write it. */
function hostOf(service: string): string {
  const host = URL.canParse(`https://${service}`) ? new URL(`https://${service}`) : { host: '', href: '' };
  if (host.href !== `https://${host.host}/` || service.includes('*')) {
    throw new TypeError('a push service is a host, with or without a port');
  }
  return host.host;
}
