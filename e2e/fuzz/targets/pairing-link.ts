/** What a phone scans or is given by hand, and what a device may be called. */
import { DeviceNameError, isPlainText, parseDeviceName, toPlainText } from '@palmkey/core/devices';
import {
  encodePairingLink,
  pairingUrl,
  PairingError,
  type PairingLink,
  parsePairingLink,
  parsePairingUrl,
} from '@palmkey/core/pairing';
import { toBase64Url } from '@palmkey/envelope';
import { fixedAgreement } from '../keys.ts';
import { fromLatin1, fromUtf8, ofText, type Target, utf8 } from '../target.ts';

const link = (relay: string, name: string): PairingLink => ({
  relay,
  sessionKey: fixedAgreement('link').publicKey,
  hostName: parseDeviceName(name),
});
const links = [
  link('https://relay.example.org', 'laptop'),
  link('http://127.0.0.1:8080', 'Jürgens 手机'),
  link('http://[::1]:1', 'x'),
];

/** The text with only its payload encoded again: whatever the app's address is, it is not looked at. */
function pairingUrlAgain(text: string): string {
  const payload = toBase64Url(encodePairingLink(parsePairingUrl(text)));
  return text.replace(/#\S*/, `#${payload}`);
}

export const pairingLinkTargets: readonly Target[] = [
  {
    name: 'pairing-link',
    kind: 'codec',
    seeds: links.map(encodePairingLink),
    refusals: [PairingError],
    parse: (bytes) => encodePairingLink(parsePairingLink(bytes)),
  },
  {
    name: 'pairing-url',
    kind: 'codec',
    seeds: [
      ...links.map((each) => utf8(pairingUrl('https://app.example.org', each))),
      fromLatin1(` ${pairingUrl('http://localhost:5173', link('http://localhost', 'a'))}\n`),
    ],
    refusals: [PairingError],
    parse: ofText(pairingUrlAgain),
  },
  {
    name: 'device-name',
    kind: 'codec',
    seeds: ['laptop', 'Jürgens 手机', '🔑'.repeat(20), 'x'.repeat(64)].map(utf8),
    refusals: [DeviceNameError],
    parse: (bytes) => {
      const text = fromUtf8(bytes);
      const isUtf8 = Buffer.from(text).equals(bytes);
      const name = parseDeviceName(text);
      return isUtf8 ? utf8(name) : null;
    },
  },
  {
    name: 'plain-text',
    kind: 'lenient',
    seeds: ['', 'laptop', '🔑'.repeat(40), 'a\u001b[31mb\u202ec', 'x'.repeat(70)].map(utf8),
    refusals: [],
    parse: (bytes) => {
      const plain = toPlainText(fromUtf8(bytes), 64);
      if (!isPlainText(plain, 64)) throw new Error('made plain, and not plain');
      return utf8(plain);
    },
  },
];
