/** The app's connection to its relay, in a test's hand: what is held does not pass before it is let go. */
import type { BrowserContext, WebSocketRoute } from 'playwright-core';

/** Whether what comes now is held, and with it all that comes behind it. */
type Holds = (frame: Uint8Array) => boolean;

/** One way through. */
class Way {
  #holds: Holds = () => false;
  #waiting: (() => void)[] = [];
  #onHeld: () => void = () => undefined;
  #awaits: Holds = () => false;
  #onPassed: () => void = () => undefined;

  pass(frame: Uint8Array | null, go: () => void): void {
    if (this.#waiting.length > 0 || (frame === null ? this.isShut : this.#holds(frame))) {
      this.#waiting.push(go);
      this.#onHeld();
      return;
    }
    go();
    if (frame !== null && this.#awaits(frame)) this.#onPassed();
  }

  /** Resolves once such a frame has passed. */
  passed(awaits: Holds): Promise<void> {
    this.#awaits = awaits;
    return new Promise((resolve) => (this.#onPassed = resolve));
  }

  isShut = false;

  /** Resolves once something is held. */
  hold(holds: Holds): Promise<void> {
    this.#holds = holds;
    return new Promise((resolve) => (this.#onHeld = resolve));
  }

  open(): void {
    this.#holds = () => false;
    this.isShut = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** All WebSockets of one browser. */
export class LineInHand {
  readonly #up = new Way();
  readonly #down = new Way();

  /** Holds for every page that is loaded from now on. */
  static async take(context: BrowserContext): Promise<LineInHand> {
    const line = new LineInHand();
    await context.routeWebSocket(/\/v1\/socket/, (page) => line.#carry(page));
    return line;
  }

  /** The relay gets nothing any more from the first such frame on; resolves when there is one. */
  holdUp(holds: Holds): Promise<void> {
    return this.#up.hold(holds);
  }

  /** Resolves once the app has heard such a frame. */
  heard(frame: Holds): Promise<void> {
    return this.#down.passed(frame);
  }

  /** The app hears nothing any more, not even that the relay has ended the connection. */
  holdDown(): void {
    this.#down.isShut = true;
    void this.#down.hold(() => true);
  }

  letGo(): void {
    this.#up.open();
    this.#down.open();
  }

  #carry(page: WebSocketRoute): void {
    const relay = page.connectToServer();
    page.onMessage((message) => this.#up.pass(Buffer.from(message), () => relay.send(message)));
    relay.onMessage((message) => this.#down.pass(Buffer.from(message), () => page.send(message)));
    page.onClose(() => void relay.close());
    relay.onClose(() => this.#down.pass(null, () => void page.close()));
  }
}
