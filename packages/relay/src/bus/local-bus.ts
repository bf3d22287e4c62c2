import type { DeviceId } from '@palmkey/envelope';
import type { Bus } from './bus.ts';

/** The bus of a relay of one node: there is nobody to tell, and nobody is elsewhere. */
export class LocalBus implements Bus {
  readonly connected = true;

  listen(): void {
    // Nothing is ever said.
  }

  enter(): void {
    // Nobody listens.
  }

  leave(): void {
    // Nobody listens.
  }

  isElsewhere(): boolean {
    return false;
  }

  elsewhere(): readonly DeviceId[] {
    return [];
  }

  forward(): boolean {
    return false;
  }

  readsElsewhere(): Promise<boolean> {
    return Promise.resolve(false);
  }

  expel(): void {
    // Nobody listens.
  }

  accountChanged(): void {
    // Nobody listens.
  }

  chainHead(): void {
    // Nobody listens.
  }

  accountData(): void {
    // Nobody listens.
  }

  rendezvous(): void {
    // Nobody listens.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
