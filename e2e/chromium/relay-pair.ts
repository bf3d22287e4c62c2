/** Two devices in this page, connected to one relay by the browser's own WebSockets. */
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import type { DeviceKeys } from '@palmkey/core/devices';
import { parseDeviceId, sealedBody } from '@palmkey/envelope';
import { browserSockets, RelayClient, systemTimers } from '@palmkey/relay-client';

const WITHIN_MS = 10_000;

/** The two clients, as they stand while a relay comes and goes. Each method rejects after 10 s. */
export class RelayPair {
  readonly #one: RelayClient;
  readonly #other: RelayClient;
  readonly #otherDevice: DeviceKeys;

  private constructor(relay: string, one: DeviceKeys, other: DeviceKeys) {
    this.#one = client(relay, one);
    this.#other = client(relay, other);
    this.#otherDevice = other;
  }

  /** Resolves when both are connected to the relay of this origin. */
  static async connect(relay: string): Promise<RelayPair> {
    const pair = new RelayPair(relay, await fixedDevice('one'), await fixedDevice('other'));
    await pair.connected();
    return pair;
  }

  /** Resolves when both are connected, again or still. */
  async connected(): Promise<void> {
    const soon = AbortSignal.timeout(WITHIN_MS);
    await Promise.all([this.#one.connected(soon), this.#other.connected(soon)]);
  }

  /** Resolves when both wait for their next try. */
  async lost(): Promise<void> {
    for (const each of [this.#one, this.#other]) {
      await within((settle) => {
        const look = () => (each.state.is === 'waiting' || each.state.is === 'connecting' ? settle() : undefined);
        look();
        return each.onState(look);
      });
    }
  }

  /** Sends the text from one to the other; returns what came. */
  exchange(text: string): Promise<string> {
    return within((settle) => {
      const end = this.#other.onBody((_, body) => settle(new TextDecoder().decode(body)));
      this.#one.send(this.#otherDevice.id, sealedBody(new TextEncoder().encode(text)));
      return end;
    });
  }

  /** Sends to a device that is nowhere; returns what the relay says. */
  sendToNobody(): Promise<string> {
    return within((settle) => {
      const end = this.#one.onUndelivered((_to, _number, code) => settle(code));
      this.#one.send(parseDeviceId(new Uint8Array(16).fill(7)), sealedBody(Uint8Array.of(1)));
      return end;
    });
  }

  close(): void {
    this.#one.close();
    this.#other.close();
  }
}

function client(relay: string, { id, signer, agreement }: DeviceKeys): RelayClient {
  const made = new RelayClient({
    relay,
    device: { id, signer, agreementPublicKey: agreement.publicKey },
    sockets: browserSockets,
    timers: systemTimers,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  made.start();
  return made;
}

/** Waits for `settle`; `listen` returns what ends its listening. */
async function within<T = void>(listen: (settle: (value: T) => void) => () => void): Promise<T> {
  const cleanup: (() => void)[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`nothing came within ${WITHIN_MS} ms`)), WITHIN_MS);
      cleanup.push(() => clearTimeout(late), listen(resolve));
    });
  } finally {
    for (const each of cleanup) each();
  }
}
