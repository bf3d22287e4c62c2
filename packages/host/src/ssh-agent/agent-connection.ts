import type { Socket } from 'node:net';
import type { AgentRequest, SessionBind } from '@palmkey/core/ssh';
import {
  AgentFrames,
  encodeAgentFrame,
  encodeExtensionResponse,
  encodeFailure,
  encodeIdentities,
  encodeSignResponse,
  encodeSuccess,
  fingerprint,
  MAX_AGENT_FRAME_BYTES,
  parseAgentRequest,
  SshFormatError,
  userKeyAlgorithm,
} from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';
import type { Claim, ClaimSource } from '../claims/claim.ts';
import { peerSocket } from '../claims/peer-socket.ts';
import { CAME_THROUGH, parseCameThrough } from '../upstream/came-through.ts';
import type { Upstream, UpstreamForClient } from '../upstream/upstream.ts';
import type { AgentLock } from './agent-lock.ts';
import { isSignatureOf, unlessGone } from './awaited-signature.ts';
import type { SignRequest } from './check-login.ts';
import { checkFile } from './check-file.ts';
import { checkLogin } from './check-login.ts';
import { ClientOffers } from './client-offers.ts';
import { ConnectionBinds } from './connection-binds.ts';
import type {
  AgentEvent,
  FileAsk,
  LoginAsk,
  OfferPolicy,
  RefusalCode,
  ServerSeen,
  SignOutcome,
  UserKeyView,
} from './login-ask.ts';

/** What a client may send ahead of our answers; OpenSSH's send nothing ahead. */
const MAX_WAITING_FRAMES = 64;
const CLOSE_MS = 1000;

/** What all connections of one agent share. */
export interface AgentContext {
  keys(): readonly UserKeyView[];
  sign(login: LoginAsk, signal: AbortSignal): Promise<SignOutcome>;
  readonly signFile: ((file: FileAsk, signal: AbortSignal) => Promise<SignOutcome>) | null;
  readonly upstream: Upstream | null;
  readonly offers: OfferPolicy;
  readonly lock: AgentLock;
  readonly claims: ClaimSource | null;
  log(event: AgentEvent): void;
}

/** Types that change what an agent holds: 9 and 17 to 21, 25, 26 of RFC 9987 §3. Ours holds nothing; the upstream's may. */
const CHANGES: readonly number[] = [9, 17, 18, 19, 20, 21, 25, 26];
const EXTENSION = 27;
const [FAILURE, SIGN_RESPONSE] = [5, 14];

type EventBody = AgentEvent extends infer E ? (E extends unknown ? Omit<E, 'connection'> : never) : never;

/** One client: its requests answered in order, its binds, and a signal that ends with its socket. */
export class AgentConnection {
  readonly #socket: Socket;
  readonly #number: number;
  readonly #agent: AgentContext;
  readonly #frames = new AgentFrames();
  readonly #binds = new ConnectionBinds();
  readonly #gone = new AbortController();
  readonly #offers: ClientOffers;
  readonly #upstream: UpstreamForClient | null;
  #claim: Promise<Claim | null> = Promise.resolve(null);
  /** What the ssh of the first bind calls its server. */
  #name: string | null = null;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: Socket, number: number, agent: AgentContext) {
    this.#socket = socket;
    this.#number = number;
    this.#agent = agent;
    this.#offers = new ClientOffers(agent.offers);
    this.#upstream = agent.upstream?.forClient() ?? null;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => socket.destroy()); // a client that vanished; `close` follows
    socket.on('end', () => this.#gone.abort());
    socket.on('close', () => this.#gone.abort());
    this.#gone.signal.addEventListener('abort', () => {
      this.#offers.end();
      this.#upstream?.close();
    });
  }

  /** Gives up what is being asked (it is answered with a failure), then ends the connection; within a second. */
  async close(): Promise<void> {
    this.#gone.abort();
    // A client that does not read its answers cannot keep the agent from closing.
    const late = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    this.#socket.once('close', () => clearTimeout(late));
    await this.#tail;
    this.#socket.destroySoon();
  }

  #take(chunk: Uint8Array): void {
    let frames: Uint8Array[];
    try {
      frames = this.#frames.push(chunk);
    } catch {
      this.#refuse('malformed');
      this.#socket.destroy();
      return;
    }
    this.#waiting += frames.length;
    if (this.#waiting > MAX_WAITING_FRAMES) {
      this.#refuse('flood');
      this.#socket.destroy();
      return;
    }
    for (const frame of frames) {
      this.#tail = this.#tail.then(async () => {
        await this.#write(await this.#answerTo(frame));
        this.#waiting -= 1;
      });
    }
  }

  async #write(answer: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable || this.#socket.write(answer)) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('drain', resolve).once('close', resolve);
    });
  }

  /** The framed answer. Never throws: what goes wrong is a failure. */
  async #answerTo(frame: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#handle(parseAgentRequest(frame), frame);
    } catch (error) {
      // It may have been a bind that cannot be read: like one that fails, it must not be forgotten.
      this.#binds.poison();
      return error instanceof SshFormatError ? this.#refuse('malformed') : this.#failed('internal', error);
    }
  }

  async #handle(request: AgentRequest, frame: Uint8Array): Promise<Uint8Array> {
    switch (request.kind) {
      case 'identities':
        return this.#list();
      case 'sign':
        return this.#sign(request, frame);
      case 'session-bind':
        return this.#bind(request.bind, frame);
      case 'query':
        return encodeExtensionResponse(['query', 'session-bind@openssh.com']);
      case 'lock':
        if (this.#isFromElsewhere()) return this.#refuse('forwarded');
        if (!(await this.#agent.lock.lock(request.passphrase))) return this.#refuse('locked');
        this.#log({ kind: 'locked' });
        return encodeSuccess();
      case 'unlock':
        if (this.#isFromElsewhere()) return this.#refuse('forwarded');
        if (!(await this.#agent.lock.unlock(request.passphrase))) return this.#refuse('locked');
        this.#log({ kind: 'unlocked' });
        return encodeSuccess();
      case 'other':
        return this.#other(request.type, request.extension, frame);
    }
  }

  async #list(): Promise<Uint8Array> {
    const upstream = this.#agent.lock.locked ? [] : ((await this.#upstream?.list()) ?? []);
    const ours = this.#ownKeys();
    const others = upstream.filter(({ blob }) => !ours.some((own) => equal(own.blob, blob)));
    const keys = this.#agent.lock.locked ? [] : this.#offers.choose(this.#server(), ours, others);
    this.#log({ kind: 'listed', count: keys.length });
    return encodeIdentities(fitting(keys));
  }

  /** The user keys that can sign; a phone may have told of others. */
  #ownKeys(): readonly UserKeyView[] {
    return this.#agent.keys().filter(({ blob }) => userKeyAlgorithm(blob) !== null);
  }

  /** Where the binds lead; null without any, and where a server only has the agent forwarded to it. */
  #server(): ServerSeen | null {
    const binds = this.#binds.all;
    const last = binds.at(-1);
    if (last === undefined || last.forwarding) return null;
    return { hostKey: last.hostKey, name: binds.length === 1 ? this.#name : null };
  }

  /** A server that the agent is forwarded to must not keep the person's own logins from their keys. */
  #isFromElsewhere(): boolean {
    return this.#binds.poisoned || this.#binds.all.some(({ forwarding }) => forwarding);
  }

  async #bind(bind: SessionBind, frame: Uint8Array): Promise<Uint8Array> {
    const added = await this.#binds.add(bind);
    if (added === 'refused') return this.#refuse('bad-bind');
    if (added === 'added') {
      this.#log({ kind: 'bound', hostKey: fingerprint(bind.hostKey), forwarding: bind.forwarding });
      this.#upstream?.bind(frame);
      if (this.#binds.all.length === 1) await this.#hearClaim(bind);
    }
    return encodeSuccess();
  }

  /** Only the first bind is of an ssh on this computer; later ones come through it from elsewhere. */
  async #hearClaim({ hostKey, forwarding }: SessionBind): Promise<void> {
    const { claims } = this.#agent;
    const peer = () => peerSocket(this.#socket);
    const heard = forwarding ? claims?.forwarderOf(hostKey) : await claims?.claimFor(hostKey, peer);
    this.#name = heard?.name ?? null;
    // A claim that is lost is no reason to lose the login.
    this.#claim = heard?.whole().catch(() => null) ?? Promise.resolve(null);
  }

  async #sign(request: SignRequest, frame: Uint8Array): Promise<Uint8Array> {
    if (this.#agent.lock.locked) return this.#refuse('locked');
    if (this.#binds.poisoned) return this.#refuse('poisoned');
    this.#offers.asked();
    const ours = this.#ownKeys();
    if (!ours.some((own) => equal(own.blob, request.key))) return this.#signUpstream(request.key, frame);
    const file = checkFile(request, this.#binds);
    if (file !== null) return 'refused' in file ? this.#refuse(file.refused) : this.#signFile(file);
    const checked = checkLogin(request, ours, this.#binds);
    if ('refused' in checked) return this.#refuse(checked.refused);
    const binds = this.#binds.all;
    const claim = await this.#claim;
    const named = claim !== null && claim.name !== null && binds.length === 1;
    const host = named ? { name: claim.name, port: claim.port } : null;
    const hostKey = binds.at(-1)?.hostKey ?? null;
    const { key, data, flags } = request;
    const login = { key, data, flags, binds, hostKey, userauth: checked.userauth, claim, host };
    return this.#ask(login, (signal) => this.#agent.sign(login, signal));
  }

  async #signFile(checked: Omit<FileAsk, 'claim'>): Promise<Uint8Array> {
    const { signFile } = this.#agent;
    if (signFile === null) return this.#refuse('unparsable');
    const file = { ...checked, claim: await this.#client() };
    return this.#ask(file, (signal) => signFile(file, signal));
  }

  /** Who is at the other end, where no bind led to a claim. */
  async #client(): Promise<Claim | null> {
    try {
      const inode = await peerSocket(this.#socket);
      return inode === null ? null : ((await this.#agent.claims?.clientOf(inode)?.whole()) ?? null);
    } catch {
      return null;
    }
  }

  async #ask(
    { key, data }: Pick<LoginAsk, 'key' | 'data'>,
    sign: (signal: AbortSignal) => Promise<SignOutcome>,
  ): Promise<Uint8Array> {
    let outcome: SignOutcome;
    try {
      outcome = await unlessGone(sign(this.#gone.signal), this.#gone.signal);
    } catch (error) {
      return this.#failed('internal', error);
    }
    if (outcome.is === 'failed') return this.#failed(outcome.code);
    // What the phone sent is nothing that ssh should have to find out about.
    if (!(await isSignatureOf(key, data, outcome.signature))) return this.#refuse('bad-signature');
    this.#log({ kind: 'signed', key: fingerprint(key) });
    this.#offers.signed(key);
    return encodeSignResponse(outcome.signature);
  }

  /** A key that is not ours: the upstream says whether it is its own, and asks its person itself where it has to. */
  async #signUpstream(key: Uint8Array, frame: Uint8Array): Promise<Uint8Array> {
    const answer = (await this.#upstream?.pass(frame)) ?? null;
    if (answer?.[0] !== SIGN_RESPONSE) return this.#refuse('unknown-key');
    this.#log({ kind: 'upstream-signed', key: fingerprint(key) });
    this.#offers.signed(key);
    return encodeAgentFrame(answer);
  }

  async #other(type: number, extension: string | null, frame: Uint8Array): Promise<Uint8Array> {
    if (extension === CAME_THROUGH) {
      this.#upstream?.cameThrough(parseCameThrough(frame));
      return encodeSuccess();
    }
    const changes = CHANGES.includes(type);
    if (!changes && type !== EXTENSION) return this.#refuse('unsupported', `type ${type}`);
    if (this.#agent.lock.locked) return this.#refuse('locked');
    // The agent behind was not told of the bind that failed: it would take this for the person's own word.
    if (this.#binds.poisoned) return this.#refuse('poisoned');
    const answer = (await this.#upstream?.pass(frame)) ?? null;
    if (answer !== null && answer[0] !== FAILURE) return encodeAgentFrame(answer);
    if (!changes) return this.#refuse('unsupported', `type ${type}`);
    return this.#refuse(answer === null ? 'no-upstream' : 'upstream-refused', `type ${type}`);
  }

  #failed(code: string, cause?: unknown): Uint8Array {
    this.#log({ kind: 'not-signed', code, ...(cause === undefined ? {} : { cause }) });
    return encodeFailure();
  }

  #refuse(code: RefusalCode, detail?: string): Uint8Array {
    this.#log({ kind: 'refused', code, ...(detail === undefined ? {} : { detail }) });
    return encodeFailure();
  }

  #log(event: EventBody): void {
    this.#agent.log({ connection: this.#number, ...event });
  }
}

/** As many of the keys, from the first on, as one message holds. */
function fitting(keys: readonly UserKeyView[]): readonly UserKeyView[] {
  let left = MAX_AGENT_FRAME_BYTES - 64;
  const end = keys.findIndex(({ blob, comment }) => (left -= 8 + blob.length + Buffer.byteLength(comment)) < 0);
  return end < 0 ? keys : keys.slice(0, end);
}
