import { parseDeviceName } from '@palmkey/core/devices';
import { pairingUrl } from '@palmkey/core/pairing';
import { joinUrl } from '@palmkey/core/provisioning';
import { parseAgreementPublicKey } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { relayIn } from './relay-text.ts';

const relay = 'https://relay.example.org';
const code = 'K7Q2M-9XW4D-0HT5B-N3VCR';

test.each([
  ['an address', relay],
  ['an address with a path', `  ${relay}/devices?x=1#top `],
  ['what is printed for a computer', `a computer joins with: palmkey up --relay ${relay}`],
  ['a link with what is no invitation', `${relay}/#invitation=nothing`],
])('relayIn finds the relay in %s', (_, text) => {
  expect(relayIn(text)).toEqual({ relay, invitation: null });
});

test.each([
  ['the link of an invitation', `${relay}/#invitation=${code}`],
  ['what is printed with an invitation', `palmkey up --relay ${relay} --invite ${code}`],
])('relayIn finds the invitation too in %s', (_, text) => {
  expect(relayIn(text)).toEqual({ relay, invitation: code });
});

const app = 'https://app.example.org';
const pairing = pairingUrl(app, {
  relay,
  sessionKey: parseAgreementPublicKey(new Uint8Array(32).fill(9)),
  hostName: parseDeviceName('laptop'),
});
const join = joinUrl(app, { relay, shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes: new Uint8Array(32) } });

test.each([
  ['of a computer that pairs', pairing],
  ['of a device that is added', join],
])('relayIn finds the relay, not the address of the app, in the code %s', (_, text) => {
  expect(relayIn(text)).toEqual({ relay, invitation: null });
});

test.each([
  ['a network', 'WIFI:T:WPA;S=home;P=secret;;'],
  ['an address of mail', 'mailto:ops@example.org'],
  ['a name alone, which is typed and not scanned', 'relay.example.org'],
  ['nothing', ' '],
])('relayIn finds none in the text of %s', (_, text) => {
  expect(relayIn(text)).toBeNull();
});
