import { parseDeviceId, parseRendezvousId } from '@palmkey/envelope';
import type { PassphraseStream } from '../account/index.ts';
import { webPrimitives } from '../crypto/index.ts';
import type { BoxKey } from '../crypto/index.ts';
import {
  encodeFrame,
  FrameReader,
  joinAccount,
  type Joined,
  type KexSession,
  letDeviceIn,
  PacketReceiver,
  ProvisioningError,
  type ProvisioneeDeps,
  type ProvisioneeHooks,
  type ProvisionerDeps,
  type RoutedMessage,
  type RpcFrame,
  sealPacket,
  type SessionId,
} from '../provisioning/index.ts';
import { FakeRouter } from './fake-router.ts';
import { FakeChain, type FixedAccount, fixedAccount, stateOf } from './fixed-account.ts';
import { fixedBytes, fixedDevice, fixedPrimitives, fixedRandom } from './fixed-keys.ts';
import { ManualClock } from './manual-clock.ts';

/** What one who holds the packets' key makes of a frame; `from` is the side that sent it. */
export type Tamper = (frame: RpcFrame, from: 'x' | 'y') => RpcFrame | Promise<RpcFrame>;

const key = fixedBytes('way key') as Uint8Array as BoxKey;
const id = fixedBytes('way session') as Uint8Array as SessionId;
/** X's passphrase, its third generation. */
export const passphraseStream: PassphraseStream = {
  generation: 3,
  salt: fixedRandom('passphrase salt')(16),
  bytes: fixedRandom('passphrase')(128),
};

/** What the two persons and both devices did. */
export interface WayLog {
  readonly asked: { readonly name: string; readonly kind: string; readonly code: string }[];
  readonly shown: string[];
  readonly reserved: number[];
  readonly problems: (string | null)[];
  saved: Joined | null;
  saves: number;
  drops: number;
}

/** How a run differs from an honest one. */
export interface WayChanges {
  readonly shownBy?: 'x' | 'y';
  readonly x?: Partial<ProvisionerDeps>;
  readonly y?: Partial<ProvisioneeDeps>;
  readonly sessions?: { readonly x: KexSession; readonly y: KexSession };
  readonly onAsk?: (log: WayLog) => boolean | Promise<boolean>;
  readonly onName?: ProvisioneeHooks['onName'];
  readonly signalX?: AbortSignal;
  readonly signalY?: AbortSignal;
}

/** A member X, a new device Y, an account and a relay, all in memory. */
export async function wayStage(generations = 2, tamper: Tamper = (frame) => frame) {
  const clock = new ManualClock();
  const account: FixedAccount = await fixedAccount('home', generations);
  const chain = new FakeChain(account);
  const y = await fixedDevice('new phone');
  const x = account.owner;
  const session = (self: KexSession['self']): KexSession => ({
    id,
    rendezvous: parseRendezvousId(id.slice()),
    self,
    peer: null,
    writeKey: key,
    readKey: key,
    firstSeqno: 1,
    passedOver: new Set(),
  });
  const router = new TamperingRouter(clock, session, x.id, tamper);
  const state = await stateOf(account.links);
  const log: WayLog = { asked: [], shown: [], reserved: [], problems: [], saved: null, saves: 0, drops: 0 };
  const xDeps: ProvisionerDeps = {
    router,
    clock,
    randomBytes: fixedRandom('x'),
    primitives: fixedPrimitives('x primitives'),
    device: x,
    state,
    perUserKey: account.perUserKeys.at(-1) ?? missing(),
    names: ['Phone', 'Old tablet'],
    passphraseStream,
    newGrant: () => Promise.resolve(fixedBytes('grant')),
    reserve: ({ seqno }) => Promise.resolve(void log.reserved.push(seqno)),
  };
  const yDeps: ProvisioneeDeps = {
    router,
    clock,
    randomBytes: fixedRandom('y'),
    primitives: fixedPrimitives('y primitives'),
    device: y,
    kind: 'phone',
    account: null,
    chain,
    store: {
      save: (joined) => {
        log.saved = joined;
        log.saves += 1;
        return Promise.resolve();
      },
      drop: () => {
        log.saved = null;
        log.drops += 1;
        return Promise.resolve();
      },
    },
  };
  const run = async (changes: WayChanges = {}) => {
    const { shownBy = 'x', onAsk = () => true, onName = () => Promise.resolve('New phone') } = changes;
    const never = new AbortController().signal;
    const sessions = changes.sessions ?? { x: session(x.id), y: session(y.id) };
    const atX = letDeviceIn(
      { ...xDeps, ...changes.x },
      sessions.x,
      shownBy,
      {
        onAsk: async ({ name, kind, code }) => {
          log.asked.push({ name, kind, code });
          return onAsk(log);
        },
      },
      changes.signalX ?? never,
    );
    const atY = joinAccount(
      { ...yDeps, ...changes.y },
      sessions.y,
      shownBy,
      {
        onName: (problem, signal) => {
          log.problems.push(problem);
          return onName(problem, signal);
        },
        onCode: (code) => log.shown.push(code),
      },
      changes.signalY ?? never,
    );
    return Promise.all([outcome(atX), outcome(atY)]);
  };
  return { clock, router, account, chain, state, x, y, xDeps, yDeps, session, log, run };
}

/** `done`, or the code and the step of the failure. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ProvisioningError) return `${error.code} @ ${error.step}`;
    throw error;
  }
}

/** A router that holds the key: it opens each packet, changes its frame, and seals it again. */
class TamperingRouter extends FakeRouter {
  readonly #receivers = new Map<string, PacketReceiver>();
  readonly #session: (self: KexSession['self']) => KexSession;
  readonly #x: KexSession['self'];
  readonly #tamper: Tamper;

  constructor(
    clock: ManualClock,
    session: (self: KexSession['self']) => KexSession,
    x: KexSession['self'],
    tamper: Tamper,
  ) {
    super(clock);
    this.#session = session;
    this.#x = x;
    this.#tamper = tamper;
  }

  override async post(...[rendezvous, sender, seqno, message]: Parameters<FakeRouter['post']>): Promise<void> {
    const routed: RoutedMessage = { sender, seqno, message };
    await super.post(rendezvous, sender, seqno, await this.#changed(routed));
  }

  async #changed(routed: RoutedMessage): Promise<Uint8Array> {
    if (routed.message.length === 0) return routed.message;
    const name = String(routed.sender);
    const observer = parseDeviceId(new Uint8Array(16).fill(0xee));
    const receiver = this.#receivers.get(name) ?? new PacketReceiver(this.#session(observer));
    this.#receivers.set(name, receiver);
    const payload = receiver.receive(routed);
    if (payload.length === 0) return routed.message;
    const sender = parseDeviceId(routed.sender.slice());
    const from = String(sender) === String(this.#x) ? 'x' : 'y';
    const [frame] = new FrameReader().push(payload);
    if (!frame) return routed.message;
    const changed = encodeFrame(await this.#tamper(frame, from));
    const head = { sender, session: id, seqno: routed.seqno };
    return sealPacket(key, head, webPrimitives.randomBytes(24), changed);
  }
}

function missing(): never {
  throw new RangeError('nothing there');
}
