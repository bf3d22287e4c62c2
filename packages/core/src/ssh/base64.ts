import { fromBase64Url, toBase64Url } from '@palmkey/envelope';
import { SshFormatError } from './errors.ts';

/** RFC 4648 §4 with padding, as in authorized_keys. */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** The bytes of padded RFC 4648 §4 text in its only spelling. Throws {@link SshFormatError}. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new SshFormatError('not base64');
  }
  try {
    return fromBase64Url(text.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_'));
  } catch (cause) {
    throw new SshFormatError('not base64', { cause });
  }
}
