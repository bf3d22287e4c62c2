import type { PushRegistration } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { PushStanding, PushSubscriptions } from '../push-subscriptions.ts';

/** Web Push of a browser in memory: one subscription, for one key. */
export class FakePush implements PushSubscriptions {
  /** What the browser says before the person is asked, and after. */
  before: PushStanding = 'unasked';
  afterwards: PushStanding = 'allowed';
  /** A named fault: the browser's push service takes no subscription. */
  refuses = false;
  asked = 0;
  #made = 0;
  #current: PushRegistration | null = null;

  standing(): Promise<PushStanding> {
    return Promise.resolve(this.asked > 0 && this.before === 'unasked' ? this.afterwards : this.before);
  }

  ask(): Promise<PushStanding> {
    this.asked += 1;
    return this.standing();
  }

  current(): Promise<PushRegistration | null> {
    return Promise.resolve(this.#current);
  }

  subscribe(key: Uint8Array): Promise<PushRegistration> {
    if (this.refuses) return Promise.reject(new Error('refused'));
    const name = toHex(key).slice(0, 8);
    if (this.#current?.endpoint.includes(name) === true) return Promise.resolve(this.#current);
    const endpoint = `https://push.example.org/${name}/${++this.#made}`;
    this.#current = { endpoint, p256dh: new Uint8Array(65), auth: new Uint8Array(16) };
    return Promise.resolve(this.#current);
  }

  end(): Promise<void> {
    this.#current = null;
    return Promise.resolve();
  }
}
