import type { Socket } from 'node:net';
import type { AgentRequest, SessionBind } from '@palmkey/core/ssh';
import {
  AgentFrames,
  encodeExtensionResponse,
  encodeFailure,
  encodeIdentities,
  encodeSignResponse,
  encodeSuccess,
  fingerprint,
  parseAgentRequest,
  parsePublicKey,
  parseSshSignature,
  SshFormatError,
  webHostKeyVerifier,
} from '@palmkey/core/ssh';
import type { Claim, ClaimSource } from '../claims/claim.ts';
import type { AgentLock } from './agent-lock.ts';
import type { SignRequest } from './check-login.ts';
import { checkLogin } from './check-login.ts';
import { ConnectionBinds } from './connection-binds.ts';
import type { AgentEvent, LoginAsk, RefusalCode, SignOutcome, UserKeyView } from './login-ask.ts';

/** What a client may send ahead of our answers; OpenSSH's send nothing ahead. */
const MAX_WAITING_FRAMES = 64;
const CLOSE_MS = 1000;

/** What all connections of one agent share. */
export interface AgentContext {
  keys(): readonly UserKeyView[];
  sign(login: LoginAsk, signal: AbortSignal): Promise<SignOutcome>;
  readonly lock: AgentLock;
  readonly claims: ClaimSource | null;
  log(event: AgentEvent): void;
}

type EventBody = AgentEvent extends infer E ? (E extends unknown ? Omit<E, 'connection'> : never) : never;

/** One client: its requests answered in order, its binds, and a signal that ends with its socket. */
export class AgentConnection {
  readonly #socket: Socket;
  readonly #number: number;
  readonly #agent: AgentContext;
  readonly #frames = new AgentFrames();
  readonly #binds = new ConnectionBinds();
  readonly #gone = new AbortController();
  #claim: Promise<Claim | null> = Promise.resolve(null);
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: Socket, number: number, agent: AgentContext) {
    this.#socket = socket;
    this.#number = number;
    this.#agent = agent;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => socket.destroy()); // a client that vanished; `close` follows
    socket.on('end', () => this.#gone.abort());
    socket.on('close', () => this.#gone.abort());
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
      return await this.#handle(parseAgentRequest(frame));
    } catch (error) {
      // It may have been a bind that cannot be read: like one that fails, it must not be forgotten.
      this.#binds.poison();
      return error instanceof SshFormatError ? this.#refuse('malformed') : this.#failed('internal', error);
    }
  }

  async #handle(request: AgentRequest): Promise<Uint8Array> {
    switch (request.kind) {
      case 'identities':
        return this.#list();
      case 'sign':
        return this.#sign(request);
      case 'session-bind':
        return this.#bind(request.bind);
      case 'query':
        return encodeExtensionResponse(['query', 'session-bind@openssh.com']);
      case 'lock':
        if (!(await this.#agent.lock.lock(request.passphrase))) return this.#refuse('locked');
        this.#log({ kind: 'locked' });
        return encodeSuccess();
      case 'unlock':
        if (!(await this.#agent.lock.unlock(request.passphrase))) return this.#refuse('locked');
        this.#log({ kind: 'unlocked' });
        return encodeSuccess();
      case 'other':
        return this.#refuse('unsupported', `type ${request.type}`);
    }
  }

  #list(): Uint8Array {
    const keys = this.#agent.lock.locked ? [] : this.#agent.keys();
    this.#log({ kind: 'listed', count: keys.length });
    return encodeIdentities(keys);
  }

  async #bind(bind: SessionBind): Promise<Uint8Array> {
    const added = await this.#binds.add(bind);
    if (added === 'refused') return this.#refuse('bad-bind');
    if (added === 'added') {
      this.#log({ kind: 'bound', hostKey: fingerprint(bind.hostKey), forwarding: bind.forwarding });
      if (this.#binds.all.length === 1) this.#claim = this.#claimFor(bind);
    }
    return encodeSuccess();
  }

  /** Only the first bind is of an ssh on this computer; later ones come through it from elsewhere. */
  async #claimFor(bind: SessionBind): Promise<Claim | null> {
    try {
      const claims = this.#agent.claims;
      if (claims === null) return null;
      return await (bind.forwarding ? claims.forwarderOf(bind.hostKey) : claims.claimFor(bind.hostKey));
    } catch {
      return null;
    }
  }

  async #sign(request: SignRequest): Promise<Uint8Array> {
    if (this.#agent.lock.locked) return this.#refuse('locked');
    const checked = checkLogin(request, this.#agent.keys(), this.#binds);
    if ('refused' in checked) return this.#refuse(checked.refused);
    const binds = this.#binds.all;
    const claim = await this.#claim;
    const host = claim !== null && binds.length === 1 ? { name: claim.name, port: claim.port } : null;
    const hostKey = binds.at(-1)?.hostKey ?? null;
    const { key, data, flags } = request;
    return this.#ask({ key, data, flags, binds, hostKey, userauth: checked.userauth, claim, host });
  }

  async #ask(login: LoginAsk): Promise<Uint8Array> {
    let outcome: SignOutcome;
    try {
      outcome = await raced(this.#agent.sign(login, this.#gone.signal), this.#gone.signal);
    } catch (error) {
      return this.#failed('internal', error);
    }
    if (outcome.is === 'failed') return this.#failed(outcome.code);
    // What the phone sent is nothing that ssh should have to find out about.
    if (!(await isSignature(login, outcome.signature))) return this.#refuse('bad-signature');
    this.#log({ kind: 'signed', key: fingerprint(login.key) });
    return encodeSignResponse(outcome.signature);
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

/** The outcome, or `gone` as soon as the signal aborts: who asked is not there to hear more. */
async function raced(outcome: Promise<SignOutcome>, signal: AbortSignal): Promise<SignOutcome> {
  const gone: SignOutcome = { is: 'failed', code: 'gone' };
  if (signal.aborted) {
    outcome.catch(() => undefined);
    return gone;
  }
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<SignOutcome>((resolve) => {
    onAbort = () => resolve(gone);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([outcome, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function isSignature(login: LoginAsk, blob: Uint8Array): Promise<boolean> {
  try {
    return await webHostKeyVerifier(parsePublicKey(login.key).key, parseSshSignature(blob), login.data);
  } catch {
    return false;
  }
}
