/** Which keys each server is offered: the person's rules, what worked there, and what it did not want the last time. */
import type { OfferPolicy, ServerSeen, UserKeyView } from '../ssh-agent/login-ask.ts';
import { comparableKey } from '../claims/claim-line.ts';
import { fingerprint } from '@palmkey/core/ssh';
import { chooseOffers, MAX_OFFERED } from './choose-offers.ts';
import type { KeyRuleStore } from './key-rules.ts';
import { type KnownServers, MAX_SERVERS } from './known-servers.ts';

export interface KeyOffersOptions {
  readonly rules: Pick<KeyRuleStore, 'rules'>;
  readonly servers: Pick<KnownServers, 'workedOn' | 'learn'>;
  /** Lower comes first: keys of phones that are here before those of absent ones. */
  readonly rank: (blob: Uint8Array) => number;
  /** What was learned could not be kept. */
  readonly onFault: (error: unknown) => void;
}

/** A key that is offered first to these servers (`SHA256:…` of their host keys), whatever the rules say. */
export interface Lead {
  readonly key: string;
  readonly servers: ReadonlySet<string>;
}

interface Listed {
  readonly fingerprint: string;
  readonly view: UserKeyView;
}

export class KeyOffers implements OfferPolicy {
  readonly #options: KeyOffersOptions;
  /** By server, what it was offered since its last sign request and did not want; the oldest server first. */
  readonly #tried = new Map<string, ReadonlySet<string>>();

  /** What leads where, while somebody holds it so; the last one counts. */
  readonly #leads = new Set<Lead>();

  constructor(options: KeyOffersOptions) {
    this.#options = options;
  }

  choose(server: ServerSeen | null, ours: readonly UserKeyView[], upstream: readonly UserKeyView[]) {
    const { rules } = this.#options.rules;
    const phones = ours.map(listed);
    const others = upstream.map(listed);
    if (server === null) {
      const place = ({ fingerprint: name }: Listed) => (rules.order.indexOf(name) + 1 || rules.order.length + 1) - 1;
      return [...phones.toSorted((a, b) => place(a) - place(b)), ...others].map(({ view }) => view);
    }
    const name = serverName(server);
    const tried = this.#tried.get(name) ?? new Set<string>();
    const chosen = chooseOffers({
      ours: phones,
      upstream: others,
      name: server.name,
      rules,
      worked: this.#options.servers.workedOn(name),
      tried,
      rank: ({ view }: Listed) => this.#options.rank(view.blob),
    });
    // All had their turn: the next round is as the first.
    if (chosen.every((key) => tried.has(key.fingerprint))) this.#tried.delete(name);
    const lead = [...this.#leads].findLast(({ servers }) => servers.has(name))?.key;
    const first = phones.filter((key) => key.fingerprint === lead);
    const rest = chosen.filter((key) => key.fingerprint !== lead);
    const room = Math.max(MAX_OFFERED, chosen.length) - first.length;
    return [...first, ...rest.slice(0, room)].map(({ view }) => view);
  }

  /** Holds a lead until it is disposed of: a new key has to be let in once, however many others there are. */
  lead(lead: Lead): Disposable {
    this.#leads.add(lead);
    return { [Symbol.dispose]: () => this.#leads.delete(lead) };
  }

  unwanted(server: ServerSeen, offered: readonly UserKeyView[]): void {
    const name = serverName(server);
    const before = this.#tried.get(name) ?? [];
    this.#tried.delete(name);
    this.#tried.set(name, new Set([...before, ...offered.map(({ blob }) => fingerprint(blob))]));
    for (const oldest of this.#tried.keys()) {
      if (this.#tried.size <= MAX_SERVERS) break;
      this.#tried.delete(oldest);
    }
  }

  asked(server: ServerSeen): void {
    this.#tried.delete(serverName(server));
  }

  worked(server: ServerSeen, key: Uint8Array): void {
    try {
      this.#options.servers.learn(serverName(server), fingerprint(key));
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}

function listed(view: UserKeyView): Listed {
  return { fingerprint: fingerprint(view.blob), view };
}

/** By its key itself, also where it showed a certificate: that is renewed, the key stays. */
function serverName({ hostKey }: ServerSeen): string {
  return fingerprint(comparableKey(hostKey) ?? hostKey);
}
