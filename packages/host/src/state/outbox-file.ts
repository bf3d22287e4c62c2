/** The durable messages of this computer that its relays have not confirmed, by relay; they survive a restart. */
import { fromBase64Url, parseDeviceId, sealedBody, toBase64Url } from '@palmkey/envelope';
import { MAX_OUTBOX_MESSAGES, Outbox, type OutboxMessage } from '@palmkey/relay-client';
import * as v from 'valibot';
import type { Disk } from './disk.ts';
import { StateError } from './errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const version = 1;
const bytes = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/));
const message = v.strictObject({
  relay: v.string(),
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  to: v.nullable(bytes),
  body: bytes,
  expiresAt: v.pipe(v.number(), v.finite()),
});
const outboxFile = v.strictObject({
  v: v.literal(version),
  messages: v.pipe(v.array(message), v.maxLength(16 * MAX_OUTBOX_MESSAGES)),
});

interface Kept extends OutboxMessage {
  readonly relay: string;
}

export class OutboxFile {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  readonly #outboxes = new Map<string, Outbox>();
  #messages: ReadonlyMap<number, Kept>;

  /** @throws StateError as `readJsonFile` does, and `state-broken` for ids that are none. */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    this.#messages = read(path);
  }

  /** The relays, by the names that {@link of} was given, to which something is to be sent. */
  relays(): string[] {
    return [...new Set([...this.#messages.values()].map(({ relay }) => relay))];
  }

  /** The outbox of a relay, the same one each time. */
  of(relay: string): Outbox {
    const known = this.#outboxes.get(relay);
    if (known !== undefined) return known;
    const kept = [...this.#messages.values()].filter((each) => each.relay === relay);
    const outbox = new Outbox(kept, {
      put: (put) => this.#replace(new Map(this.#messages).set(put.number, { ...put, relay })),
      remove: (number) => this.#replace(without(this.#messages, number)),
    });
    this.#outboxes.set(relay, outbox);
    return outbox;
  }

  /** Rejects with StateError `not-writable`; then nothing has changed. */
  #replace(next: ReadonlyMap<number, Kept>): Promise<void> {
    return new Promise((resolve) => {
      writeJsonFile(this.#path, { v: version, messages: [...next.values()].map(toFile) }, this.#disk);
      this.#messages = next;
      resolve();
    });
  }
}

function without(messages: ReadonlyMap<number, Kept>, number: number): ReadonlyMap<number, Kept> {
  const next = new Map(messages);
  next.delete(number);
  return next;
}

function read(path: string): ReadonlyMap<number, Kept> {
  const found = readJsonFile(path, version, outboxFile);
  try {
    return new Map((found?.messages ?? []).map(fromFile).map((each) => [each.number, each]));
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

function toFile({ relay, number, to, body, expiresAt }: Kept): v.InferOutput<typeof message> {
  return { relay, number, to: to === null ? null : toBase64Url(to), body: toBase64Url(body), expiresAt };
}

function fromFile({ relay, number, to, body, expiresAt }: v.InferOutput<typeof message>): Kept {
  const recipient = to === null ? null : parseDeviceId(fromBase64Url(to));
  return { relay, number, to: recipient, body: sealedBody(fromBase64Url(body)), expiresAt };
}
