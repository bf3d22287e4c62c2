/**
 * The app's engine without its screens, answering yes at once: for measuring the way of a login without a thumb's time.
 * It says in the console how the pairing goes: `code 123456`, `paired`, or `failed` with a code.
 */
import { createPhone } from '../../apps/phone/src/engine/phone-engine.ts';

const phone = createPhone();
const link = location.hash === '' ? null : location.href;
let begun = false;
let opened = false;
let last = '';

function say(line: string): void {
  if (line !== last) console.log(line);
  last = line;
}

function step(): void {
  const { phase, pairing, waiting } = phone.getSnapshot();
  if (phase.is === 'first-run' && !begun) {
    begun = true;
    void phone.createAccountKey({ deviceName: 'Harness', keyName: 'bench' });
    return;
  }
  if (phase.is !== 'ready') return;
  if (link !== null && pairing.is === 'none' && !opened) {
    opened = true;
    phone.openLink(link);
    return;
  }
  if (pairing.is === 'confirm-link' || pairing.is === 'confirm-relay') phone.confirmLink();
  else if (pairing.is === 'code') say(`code ${pairing.code}`);
  else if (pairing.is === 'paired') say('paired');
  else if (pairing.is === 'failed') say(`failed ${pairing.code}`);
  for (const login of waiting) void phone.decide(login.hash, 'approve');
}

phone.subscribe(step);
step();
