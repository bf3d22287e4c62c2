/**
 * Requests to phones by themselves, with a clock that stands: what was sent and pushed, and what the person was told.
 */
import type { Content } from '@palmkey/core/messages';
import { type Agreed, parseRequestHash, requestHash, type RequestHash } from '@palmkey/core/requests';
import { type DeviceId, toHex } from '@palmkey/envelope';
import { AskPhone } from '../asking/ask-phone.ts';
import type { AskNotice, AskOptions, AskResult, Question } from '../asking/ask.ts';
import { nodePrimitives } from '../keys/node-primitives.ts';
import { TestClock } from './test-clock.ts';
import { TestPhone } from './test-phone.ts';

export const approve = { is: 'approve', signature: Uint8Array.of(1) } as const;

/** A phone that speaks that version of spec/requests.md. */
export const speaks = (protocol: number): Agreed => ({ is: 'speaking', protocol });

/** What is sent to phones by their names. */
type Sent = readonly [name: string, content: Content];

export class AskStage {
  readonly clock = new TestClock();
  readonly phone = new TestPhone();
  readonly stranger = new TestPhone('Other');
  readonly pairing = this.phone.pairing();
  readonly id = this.pairing.peer.id;
  readonly question: Question = {
    kind: 'ssh-sign',
    key: this.phone.key,
    data: Uint8Array.of(1, 2, 3),
    binds: [],
    host: null,
    origin: { sure: 'none' },
  };
  readonly about = { kind: 'login', user: 'deploy', host: 'prod', subject: null } as const;
  readonly sentTo: Sent[] = [];
  readonly pushed: [name: string, content: Content, lifetimeMs: number][] = [];
  readonly notices: AskNotice[] = [];
  changes = 0;
  /** Whoever asks is gone once it aborts. */
  readonly gone = new AbortController();
  /** What is sent is under way until this resolves. */
  sending: Promise<unknown> = Promise.resolve();
  /** Decides about the latest approval of a request that is asked with {@link slowly}. */
  verified: (good: boolean) => void = () => undefined;
  readonly askPhone: AskPhone;
  /** By phone; nobody else has said. */
  readonly #agreed = new Map<string, Agreed>();

  constructor() {
    this.askPhone = new AskPhone({
      clock: this.clock,
      randomBytes: (length) => nodePrimitives.randomBytes(length),
      agreed: (device) => this.#agreed.get(toHex(device)) ?? null,
      send: ({ peer }, content) => {
        this.sentTo.push([peer.name, content]);
        return this.sending;
      },
      push: ({ peer }, content, lifetimeMs) => {
        this.pushed.push([peer.name, content, lifetimeMs]);
        return Promise.resolve('handed');
      },
      onChange: () => (this.changes += 1),
    });
  }

  /** What that phone and this computer speak to each other; null: it has not said. */
  agree(id: DeviceId, how: Agreed | null): void {
    if (how === null) this.#agreed.delete(toHex(id));
    else this.#agreed.set(toHex(id), how);
  }

  /** Asks the phone, unless `change` says otherwise. */
  ask(change: Partial<AskOptions> = {}): Promise<AskResult> {
    return this.askPhone.ask({
      holders: [this.pairing],
      question: this.question,
      preview: null,
      about: this.about,
      verify: () => Promise.resolve(true),
      onNotice: (notice) => this.notices.push(notice),
      signal: this.gone.signal,
      ...change,
    });
  }

  /** Asks the phone, and gives what the request is called. */
  askOne(change: Partial<AskOptions> = {}): { readonly result: Promise<AskResult>; readonly hash: RequestHash } {
    const result = this.ask(change);
    const last = this.sent.at(-1);
    return { result, hash: last?.kind === 'ask' ? requestHash(last.request) : parseRequestHash(new Uint8Array(32)) };
  }

  /** A `verify` that waits for {@link verified}. */
  readonly slowly = (): Promise<boolean> => new Promise((resolve) => (this.verified = resolve));

  get sent(): Content[] {
    return this.sentTo.map(([, content]) => content);
  }

  settled(): Content[] {
    return this.sent.filter(({ kind }) => kind === 'settled');
  }

  kindsTo(name: string): Content['kind'][] {
    return this.sentTo.filter(([to]) => to === name).map(([, { kind }]) => kind);
  }

  /** What a phone calls the first request that it was asked. */
  hashFor(name: string): RequestHash {
    const [, asked] = this.sentTo.find(([to, { kind }]) => to === name && kind === 'ask') ?? [];
    if (asked?.kind !== 'ask') throw new Error(`${name} was not asked`);
    return requestHash(asked.request);
  }
}
