import type { SignedLink } from '@palmkey/chain';
import type { DeviceKeys } from '@palmkey/core/devices';
import { joinAccount, type Joined } from '@palmkey/core/provisioning';
import { type DeviceRow, handlesOf, makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import { forgetKeyBytes } from '../../keyring/key-bytes.ts';
import { makeUserKey } from '../../keyring/user-key.ts';
import type { JoiningView } from '../../model/account-view.ts';
import type { JoiningRow } from '../../store/schema.ts';
import type { PhonePorts } from '../ports.ts';
import { type EnteredAtY, readAtY } from './entered-secret.ts';
import { JoinPosting } from './join-posting.ts';
import { MemberMeeting, type Met } from './member-meeting.ts';
import { relayChain } from './relay-chain.ts';
import type { SavedJoin, ToSave } from './saved-join.ts';
import { type Way, Ways } from './ways.ts';

/** What joining works with. */
export interface JoinFlowDeps {
  readonly ports: Pick<
    PhonePorts,
    'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'fetchFlows' | 'page' | 'connectRelay' | 'fetchLinks' | 'deviceKind'
  >;
  readonly saved: SavedJoin;
  readonly show: (view: JoiningView) => void;
  /** This is a device of an account now, and the store has it. */
  readonly onJoined: () => Promise<void>;
  /** The store failed while nobody waited for it. */
  readonly onFault: (error: unknown) => void;
}

/** What is noted of a joining. */
interface Notes {
  /** Names the device; null while it is not asked for. */
  named: ((name: string) => void) | null;
  /** Null before there is a device. */
  posting: JoinPosting | null;
}

type Joining = Way<JoiningView, Notes>;

/**
 * The side of Y (spec/provisioning.md): a browser without anything becomes a device of an account, or shows a code that
 * says what went wrong. Each try has new keys. From the moment in which it is saved nothing calls it back: it is posted
 * until it is certain.
 */
export class JoinFlow {
  readonly #deps: JoinFlowDeps;
  readonly #meeting: MemberMeeting;
  readonly #ways: Ways<JoiningView, Notes>;

  constructor(deps: JoinFlowDeps) {
    this.#deps = deps;
    this.#meeting = new MemberMeeting(deps.ports);
    this.#ways = new Ways<JoiningView, Notes>(deps.show);
  }

  /** Takes up what was saved before a crash, if there is something. */
  async resume(): Promise<void> {
    const row = await this.#deps.saved.read();
    if (row !== null) this.#begin((way) => this.#postingOf(way).untilCertain(row, null));
  }

  /** Whether something is saved of which it is not certain whether it is on the chain. */
  get isUncertain(): boolean {
    return this.#posting !== null && this.#posting.row !== null;
  }

  /** Joins with what a device of the account shows. What comes of it shows in the view; never throws. */
  join(text: string): void {
    if (this.isUncertain) return;
    let entered: EnteredAtY;
    try {
      entered = readAtY(text);
    } catch (error) {
      this.#ways.fail(error);
      return;
    }
    this.#begin((way) =>
      this.#joinBy(way, (device) => {
        way.show({ is: 'meeting' });
        return this.#meeting.enter(device, entered, way.signal);
      }),
    );
  }

  /** Shows a secret, for a device of an account at the relay that the app came from. Never throws. */
  showSecret(): void {
    if (this.isUncertain) return;
    this.#begin((way) => this.#joinBy(way, (device) => this.#meeting.show(device, way.show, way.signal)));
  }

  /** What the person calls this device; asked for again as long as it will not do. */
  name(name: string): void {
    this.#ways.notes?.named?.(name);
  }

  /**
   * The person changed their mind: the other side is told. While it is being posted nothing happens. Where posting came to
   * nothing so far it is given up; should it be on the chain all the same, another device has to take it out.
   */
  cancel(): void {
    if (this.#posting?.isUnderWay === true) return;
    const { isUncertain } = this;
    this.#ways.cancel();
    if (isUncertain) void this.#deps.saved.drop().catch(this.#deps.onFault);
  }

  /** Leaves what is over. What is not certain is posted once more, at once. */
  dismiss(): void {
    this.#posting?.postNow();
    this.#ways.dismiss();
  }

  /** This tab answers no more: as if cancelled, but what was saved stays. */
  close(): void {
    this.#ways.leave();
  }

  /** The page goes away in the middle: the other side is told, if there is still time for it. */
  interrupt(): void {
    if (!this.isUncertain) this.#ways.interrupt();
  }

  get #posting(): JoinPosting | null {
    return this.#ways.notes?.posting ?? null;
  }

  #begin(work: (way: Joining) => Promise<void>): void {
    const { onJoined, onFault } = this.#deps;
    const toEnd = async (way: Joining): Promise<JoiningView> => {
      await work(way);
      return { is: 'done' };
    };
    this.#ways.begin({ named: null, posting: null }, toEnd, { onEnd: () => void onJoined().catch(onFault) });
  }

  /** New keys, a meeting, and the steps from there on. */
  async #joinBy(way: Joining, meet: (device: DeviceKeys) => Promise<Met>): Promise<void> {
    const { ports } = this.#deps;
    const { clock, primitives } = ports;
    // Only later it is known whether a passphrase comes along that locks them.
    const made = await makeDevice('', clock.now(), true);
    const device = await openDevice(made);
    const { relay, place, account, session, shownBy } = await meet(device);
    way.show({ is: 'meeting' });
    const posting = this.#postingOf(way);
    const chain = relayChain(ports, relay, device);
    let before: readonly SignedLink[] = [];
    try {
      await joinAccount(
        {
          router: place,
          clock,
          randomBytes: (length) => primitives.randomBytes(length),
          primitives,
          device,
          kind: ports.deviceKind,
          account,
          chain: { ...posting.finishing(chain), links: async (...asked) => (before = await chain.links(...asked)) },
          store: {
            save: async (joined) => {
              way.show({ is: 'joining' });
              posting.hold(await this.#save(made, joined, { relay, id: device.id, before }));
            },
            drop: () => posting.drop(),
          },
        },
        session,
        shownBy,
        {
          onName: (problem) => {
            way.show({ is: 'naming', problem, told: false });
            return new Promise((resolve) => {
              way.notes.named = (name) => {
                way.notes.named = null;
                way.show({ is: 'naming', problem: null, told: true });
                resolve(name);
              };
            });
          },
          onCode: (code) => way.show({ is: 'code', code }),
        },
        way.signal,
      );
    } catch (error) {
      const { row } = posting;
      if (row === null) throw error;
      chain.close();
      await posting.untilCertain(row, error);
    } finally {
      chain.close();
    }
  }

  #postingOf(way: Joining): JoinPosting {
    const { ports, saved } = this.#deps;
    return (way.notes.posting = new JoinPosting({ ports, saved, show: way.show, signal: way.signal }));
  }

  /** Device, first user key and account, as what may come to be; nothing is posted before. */
  async #save(made: DeviceRow, joined: Joined, known: Pick<ToSave, 'relay' | 'id' | 'before'>): Promise<JoiningRow> {
    const { ports, saved } = this.#deps;
    const { name } = joined.facts.facts;
    const isLocked = joined.passphraseStream !== null || saved.isLocking;
    if (!isLocked) forgetKeyBytes(handlesOf(made));
    const key = await makeUserKey(name, made.createdAt, 'ssh-ed25519', isLocked);
    return saved.save(ports.primitives, { ...known, device: { ...made, name }, key, joined });
  }
}
