import { expect, test } from 'vitest';
import { fixtureSnapshot } from '../model/fixture.ts';
import type { NoticesView } from '../model/model.ts';
import { pushNotice } from './push-notice-words.ts';

const off: NoticesView = { ...fixtureSnapshot().notices, offered: true };
const on: NoticesView = { ...off, on: true, offered: false, relay: 'https://relay.example.org', standing: 'allowed' };

test.each([
  ['unasked', 'offer', 'Be woken when something asks'],
  ['allowed', 'offer', 'Be woken when something asks'],
  ['denied', 'mend', 'Notifications are blocked'],
] as const)('notifications that are off and offered, browser %s: %s', (standing, is, title) => {
  expect(pushNotice({ ...off, standing }, false)).toMatchObject({ is, title });
  expect(pushNotice({ ...off, standing }, true)).toBeNull();
  expect(pushNotice({ ...off, standing, offered: false }, false)).toBeNull();
});

test.each(['unsupported', 'install-first', null] as const)('a browser that is %s is offered nothing', (standing) =>
  expect(pushNotice({ ...off, standing }, false)).toBeNull(),
);

test.each([
  [{ standing: 'denied' }, 'mend', 'Notifications are blocked'],
  [{ standing: 'unasked' }, 'ask-again', 'The browser shows no notifications'],
  [{ standing: 'unsupported' }, 'mend', 'This browser cannot be woken'],
  [{ wakes: 'lost' }, 'mend', 'Nothing wakes this device'],
  [{ wakes: 'refused' }, 'mend', 'Nothing wakes this device'],
  [{ wakes: 'no-key' }, 'mend', 'Nothing wakes this device'],
] as const)(
  'notifications that are on and do not work with %j: said, also to who declined the offer',
  (change, is, title) => expect(pushNotice({ ...on, ...change }, true)).toMatchObject({ is, title }),
);

test('notifications that are on and work say nothing, and neither do those of a browser that was not asked yet', () => {
  expect(pushNotice(on, false)).toBeNull();
  expect(pushNotice({ ...on, standing: null }, false)).toBeNull();
});
