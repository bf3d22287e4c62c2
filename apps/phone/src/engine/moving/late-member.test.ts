import { describe, expect, test } from 'vitest';
import { until } from '../testing/fake-browser.ts';
import { accountOf, atFirst, lengthen, NEW, withSecondOf } from '../testing/moving-stage.ts';

describe('a member that came late to an account of more than 200 links', () => {
  /** Computers that came and went, in the account's chain. */
  async function withLate() {
    const phone = await atFirst();
    await lengthen(phone, 110);
    return withSecondOf(phone);
  }

  test('moves it: what comes before the member has no effect at the new relay until all of it is there', async () => {
    const { phone, second } = await withLate();
    const { chains } = phone.browser.relay(NEW);
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('there', () => accountOf(second)?.relay === NEW);
    expect(chains.parts.length).toBeGreaterThan(1);
    expect(chains.state?.head.seqno).toBe(phone.browser.relay().chains.state?.head.seqno);
    expect(chains.state?.head.seqno).toBeGreaterThan(200);
    await until('followed', () => phone.snapshot.account?.relay === NEW);
    second.close();
  });

  test('begins the posts anew where the relay has lost what was given', async () => {
    const { phone, browser, second } = await withLate();
    const { chains } = phone.browser.relay(NEW);
    chains.losesParts = 1;
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('waits', () => {
      const moving = accountOf(second)?.moving;
      return moving?.is === 'moving' && moving.problem === 'unavailable';
    });
    expect(chains.state).toBeNull();
    // The app is closed in the middle of it.
    second.close();
    const again = browser.open();
    await until('there', () => accountOf(again)?.relay === NEW);
    expect(chains.state?.head.seqno).toBeGreaterThan(200);
    again.close();
  });

  test('cannot move it to a relay that knows of no parts, and says so', async () => {
    const { phone, second } = await withLate();
    phone.browser.relay(NEW).chains.knowsParts = false;
    await second.engine.moving.look(NEW, null);
    await second.engine.moving.begin();
    await until('given up', () => accountOf(second)?.moving.is === 'failed');
    expect(accountOf(second)?.moving).toMatchObject({ code: 'joined-late' });
    second.close();
  });
});
