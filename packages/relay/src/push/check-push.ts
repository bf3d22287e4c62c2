import { X509Certificate } from 'node:crypto';
import { RelayStartError } from '../errors.ts';
import type { PushOptions } from '../options.ts';
import { PushServices } from './push-services.ts';

/** Throws {@link RelayStartError} `bad-push` for options that push services, or Node, would not take. */
export function checkPush({ contact, services, ca }: PushOptions): void {
  if (!isContact(contact)) throw new RelayStartError('bad-push', 'the contact is a mailto: or https: URL');
  try {
    new PushServices(services);
    if (ca !== undefined) new X509Certificate(ca);
  } catch (error) {
    throw new RelayStartError('bad-push', 'a push service or its certificate is not of its form', error);
  }
}

function isContact(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, hostname } = new URL(text);
  return protocol === 'https:' ? hostname !== '' : protocol === 'mailto:' && /^[^@\s]+@[^@\s]+$/.test(pathname);
}
