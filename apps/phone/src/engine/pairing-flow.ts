import type { DeviceKeys } from '@palmkey/core/devices';
import { parseDeviceName } from '@palmkey/core/devices';
import type { PairingLink, PairingRecord } from '@palmkey/core/pairing';
import {
  CODE_LIMIT_MS,
  PairingError,
  parsePairingLink,
  parsePairingUrl,
  rendezvousIdOf,
  runPhonePairing,
} from '@palmkey/core/pairing';
import type { RendezvousId } from '@palmkey/envelope';
import { BytesError, PalmkeyError, fromBase64Url, toHex } from '@palmkey/envelope';
import type { PairingView } from '../model/model.ts';
import type { PairingRow } from '../store/schema.ts';
import { BoundedChannel } from './bounded-channel.ts';
import { PairingNote } from './pairing-note.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import type { RelayLinks } from './relay-links.ts';

/** What a pairing works with. */
export interface PairingFlowDeps {
  readonly ports: EnginePorts;
  readonly state: PhoneState;
  readonly device: DeviceKeys;
  readonly links: RelayLinks;
  /** Stores the pairing; what it returns takes it back. */
  readonly keep: (row: PairingRow) => Promise<() => Promise<void>>;
  /** Begins to talk with a computer whose pairing is done. */
  readonly begin: (row: PairingRow) => void;
}

/** Reads a pairing link, the whole URL or its payload alone; throws a PalmkeyError. */
export function readLink(text: string): PairingLink {
  const trimmed = text.trim();
  return trimmed.startsWith('http')
    ? parsePairingUrl(trimmed)
    : parsePairingLink(fromBase64Url(trimmed.replace(/^#/, '')));
}

/** One pairing at a time: from an opened link to a computer, or to a code that says what went wrong. */
export class PairingFlow {
  readonly #deps: PairingFlowDeps;
  readonly #note: PairingNote;
  #running: AbortController | null = null;
  #asked: PairingLink | null = null;

  constructor(deps: PairingFlowDeps) {
    this.#deps = deps;
    this.#note = new PairingNote(deps.ports.page.notes);
    const note = this.#note.read();
    if (note?.going === true) this.#show({ is: 'failed', hostName: note.hostName, code: 'interrupted' });
  }

  /**
   * Begins with a link; the result shows in `state.pairing`. Never throws. One that was `followed` to this page, or that
   * names another relay, waits for {@link confirm}: the code protects the computer from a stranger's phone, and nothing
   * else would protect this phone from a stranger's computer.
   */
  open(text: string, followed: boolean): void {
    let link: PairingLink;
    try {
      link = readLink(text);
    } catch (error) {
      if (this.#running === null) this.#fail(null, error, 'bad-link');
      return;
    }
    const note = this.#note.read();
    if (note?.sessionKey === toHex(link.sessionKey) && note.used) {
      // The host takes one hello for a link; a reload that cut the pairing off has been said already.
      if (!note.going) this.#show({ is: 'failed', hostName: link.hostName, code: 'link-expired' });
      return;
    }
    this.#stop();
    const ownRelay = link.relay === this.#deps.ports.page.origin;
    if (ownRelay && !followed) {
      this.#begin(link);
      return;
    }
    this.#asked = link;
    const { relay, hostName } = link;
    this.#show(ownRelay ? { is: 'confirm-link', hostName } : { is: 'confirm-relay', relay, hostName });
  }

  get running(): boolean {
    return this.#running !== null;
  }

  /** The person agrees to the link, and to its relay. */
  confirm(): void {
    const link = this.#asked;
    if (link !== null) this.#begin(link);
  }

  /** The person changed their mind: the host is told. */
  cancel(): void {
    this.#stop();
    this.#show({ is: 'none' });
  }

  /** Leaves what is over; a pairing that runs goes on. */
  dismiss(): void {
    if (this.#running !== null) return;
    this.#note.write({ going: false });
    this.#show({ is: 'none' });
  }

  /** The page goes away in the middle: the host is told, if there is still time for it. */
  interrupt(): void {
    const { pairing } = this.#deps.state;
    if (this.#running === null) return;
    this.#running.abort();
    this.#running = null;
    this.#show({ is: 'failed', hostName: 'hostName' in pairing ? pairing.hostName : null, code: 'interrupted' });
  }

  close(): void {
    this.interrupt();
  }

  #begin(link: PairingLink): void {
    const abort = new AbortController();
    this.#asked = null;
    this.#running = abort;
    this.#note.write({ sessionKey: toHex(link.sessionKey), hostName: link.hostName, going: true, used: false });
    this.#show({ is: 'connecting', hostName: link.hostName });
    void this.#run(link, abort.signal).then(
      (row) => this.#end(abort, { is: 'paired', computer: { id: row.id, name: row.hostName } }),
      (error: unknown) => {
        if (this.#running === abort) this.#fail(link.hostName, error, 'failed');
        this.#end(abort, null);
      },
    );
  }

  async #run(link: PairingLink, signal: AbortSignal): Promise<PairingRow> {
    const { ports, state, device, links, keep, begin } = this.#deps;
    const grant = rendezvousIdOf(link.sessionKey);
    // The relay lets this device in while the host's rendezvous is open, and forgets it again if nothing comes of it.
    const release = links.hold(link.relay, grant);
    // Not the pairing's own signal: after that one, the host is still told that it is over.
    const over = new AbortController();
    const channel = new BoundedChannel(ports.openRendezvous(link.relay, grant, over.signal), ports.clock);
    let row: PairingRow | null = null;
    let takeBack = (): Promise<void> => Promise.resolve();
    try {
      const record = await runPhonePairing(
        {
          primitives: ports.primitives,
          device,
          clock: ports.clock,
          name: parseDeviceName(state.deviceName),
          userKeys: state.keys.map(({ blob, name }) => ({ blob, comment: name })),
        },
        link,
        channel,
        {
          onProgress: ({ is }) => {
            if (is === 'waiting' && !signal.aborted) this.#note.write({ used: true });
          },
          onCode: (code) => {
            const endsAt = ports.clock.now() + CODE_LIMIT_MS;
            if (!signal.aborted) this.#show({ is: 'code', hostName: link.hostName, code, endsAt });
          },
          onPaired: async (paired) => {
            if (!signal.aborted) this.#show({ is: 'finishing', hostName: link.hostName });
            row = pairingRow(paired, grant);
            takeBack = await keep(row);
          },
        },
        signal,
      );
      row ??= pairingRow(record, grant);
      begin(row);
      return row;
    } catch (error) {
      await takeBack();
      throw error;
    } finally {
      over.abort();
      release();
    }
  }

  #end(run: AbortController, view: PairingView | null): void {
    if (this.#running !== run) return;
    this.#running = null;
    this.#note.write({ going: false });
    if (view !== null) this.#show(view);
  }

  #stop(): void {
    this.#asked = null;
    if (this.#running === null) return;
    this.#running.abort();
    this.#running = null;
    this.#note.write({ going: false });
  }

  #fail(hostName: string | null, error: unknown, otherwise: string): void {
    this.#show({ is: 'failed', hostName, code: codeOf(error) ?? otherwise });
  }

  #show(view: PairingView): void {
    this.#deps.state.pairing = view;
    this.#deps.state.publish();
  }
}

/** The code of what went wrong; of a computer that gave up, its reason. Null where the error has none for people. */
function codeOf(error: unknown): string | null {
  if (error instanceof PairingError) return error.reason ?? error.code;
  if (!(error instanceof PalmkeyError) || error instanceof BytesError) return null;
  return error.code;
}

function pairingRow(record: PairingRecord, grant: RendezvousId): PairingRow {
  const { peer } = record;
  return {
    id: toHex(peer.id),
    signingKey: peer.signingKey,
    agreementKey: peer.agreementKey,
    hostName: peer.name,
    givenName: null,
    relay: record.relay,
    transcript: record.transcript,
    phoneSignature: record.phoneSignature,
    hostSignature: record.hostSignature,
    pairedAt: record.pairedAt,
    lastSeenAt: record.pairedAt,
    software: null,
    grant,
    speaks: null,
    mutedUntil: null,
  };
}
