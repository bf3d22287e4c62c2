/** What one client of the agent is answered: lists, signatures, binds and locks, by what its connection is bound to. */
import type { AgentRequest, SessionBind } from '@palmkey/core/ssh';
import {
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
import { CAME_THROUGH, parseCameThrough } from '../upstream/came-through.ts';
import type { UpstreamForClient } from '../upstream/upstream.ts';
import type { AgentContext } from './agent-context.ts';
import { isSignatureOf, unlessGone } from './awaited-signature.ts';
import { checkFile } from './check-file.ts';
import { checkLogin, type SignRequest } from './check-login.ts';
import type { ClientClaim } from './client-claim.ts';
import { ClientOffers } from './client-offers.ts';
import { ConnectionBinds } from './connection-binds.ts';
import type { AgentEvent, FileAsk, LoginAsk, RefusalCode, ServerSeen, SignOutcome, UserKeyView } from './login-ask.ts';

/**
 * Types that change what an agent holds: 9 and 17 to 21, 25, 26 of RFC 9987 §3. Ours holds nothing; the upstream's may.
 */
const CHANGES: readonly number[] = [9, 17, 18, 19, 20, 21, 25, 26];
const EXTENSION = 27;
const [FAILURE, SIGN_RESPONSE] = [5, 14];

type EventBody = AgentEvent extends infer E ? (E extends unknown ? Omit<E, 'connection'> : never) : never;

export class ClientSession {
  readonly #agent: AgentContext;
  readonly #number: number;
  readonly #client: ClientClaim;
  readonly #gone: AbortSignal;
  readonly #binds = new ConnectionBinds();
  readonly #offers: ClientOffers;
  readonly #upstream: UpstreamForClient | null;

  /** `number` names the connection in events; `gone` ends what is being asked, and the session. */
  constructor(agent: AgentContext, number: number, client: ClientClaim, gone: AbortSignal) {
    this.#agent = agent;
    this.#number = number;
    this.#client = client;
    this.#gone = gone;
    this.#offers = new ClientOffers(agent.offers);
    this.#upstream = agent.upstream?.forClient() ?? null;
    gone.addEventListener('abort', () => {
      this.#offers.end();
      this.#upstream?.close();
    });
  }

  /** The framed answer. Never throws: what goes wrong is a failure. */
  async answer(frame: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#handle(parseAgentRequest(frame), frame);
    } catch (error) {
      // It may have been a bind that cannot be read: like one that fails, it must not be forgotten.
      this.#binds.poison();
      return error instanceof SshFormatError ? this.refuse('malformed') : this.#failed('internal', error);
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
        if (this.#isFromElsewhere()) return this.refuse('forwarded');
        if (!(await this.#agent.lock.lock(request.passphrase))) return this.refuse('locked');
        this.#log({ kind: 'locked' });
        return encodeSuccess();
      case 'unlock':
        if (this.#isFromElsewhere()) return this.refuse('forwarded');
        if (!(await this.#agent.lock.unlock(request.passphrase))) return this.refuse('locked');
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
    return { hostKey: last.hostKey, name: binds.length === 1 ? this.#client.name : null };
  }

  /** A server that the agent is forwarded to must not keep the person's own logins from their keys. */
  #isFromElsewhere(): boolean {
    return this.#binds.poisoned || this.#binds.all.some(({ forwarding }) => forwarding);
  }

  async #bind(bind: SessionBind, frame: Uint8Array): Promise<Uint8Array> {
    const added = await this.#binds.add(bind);
    if (added === 'refused') return this.refuse('bad-bind');
    if (added === 'added') {
      this.#log({ kind: 'bound', hostKey: fingerprint(bind.hostKey), forwarding: bind.forwarding });
      this.#upstream?.bind(frame);
      if (this.#binds.all.length === 1) await this.#client.hear(bind);
    }
    return encodeSuccess();
  }

  async #sign(request: SignRequest, frame: Uint8Array): Promise<Uint8Array> {
    if (this.#agent.lock.locked) return this.refuse('locked');
    if (this.#binds.poisoned) return this.refuse('poisoned');
    this.#offers.asked();
    const ours = this.#ownKeys();
    if (!ours.some((own) => equal(own.blob, request.key))) return this.#signUpstream(request.key, frame);
    const file = checkFile(request, this.#binds);
    if (file !== null) return 'refused' in file ? this.refuse(file.refused) : this.#signFile(file);
    const checked = checkLogin(request, ours, this.#binds);
    if ('refused' in checked) return this.refuse(checked.refused);
    const binds = this.#binds.all;
    const claim = await this.#client.ofLogin();
    const named = claim !== null && claim.name !== null && binds.length === 1;
    const host = named ? { name: claim.name, port: claim.port } : null;
    const hostKey = binds.at(-1)?.hostKey ?? null;
    const { key, data, flags } = request;
    const login = { key, data, flags, binds, hostKey, userauth: checked.userauth, claim, host };
    return this.#ask(login, (signal) => this.#agent.sign(login, signal));
  }

  async #signFile(checked: Omit<FileAsk, 'claim'>): Promise<Uint8Array> {
    const { signFile } = this.#agent;
    if (signFile === null) return this.refuse('unparsable');
    const file = { ...checked, claim: await this.#client.ofClient() };
    return this.#ask(file, (signal) => signFile(file, signal));
  }

  async #ask(
    { key, data }: Pick<LoginAsk, 'key' | 'data'>,
    sign: (signal: AbortSignal) => Promise<SignOutcome>,
  ): Promise<Uint8Array> {
    let outcome: SignOutcome;
    try {
      outcome = await unlessGone(sign(this.#gone), this.#gone);
    } catch (error) {
      return this.#failed('internal', error);
    }
    if (outcome.is === 'failed') return this.#failed(outcome.code);
    // What the phone sent is nothing that ssh should have to find out about.
    if (!(await isSignatureOf(key, data, outcome.signature))) return this.refuse('bad-signature');
    this.#log({ kind: 'signed', key: fingerprint(key) });
    this.#offers.signed(key);
    return encodeSignResponse(outcome.signature);
  }

  /** A key that is not ours: the upstream says whether it is its own, and asks its person itself where it has to. */
  async #signUpstream(key: Uint8Array, frame: Uint8Array): Promise<Uint8Array> {
    const answer = (await this.#upstream?.pass(frame)) ?? null;
    if (answer?.[0] !== SIGN_RESPONSE) return this.refuse('unknown-key');
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
    if (!changes && type !== EXTENSION) return this.refuse('unsupported', `type ${type}`);
    if (this.#agent.lock.locked) return this.refuse('locked');
    // The agent behind was not told of the bind that failed: it would take this for the person's own word.
    if (this.#binds.poisoned) return this.refuse('poisoned');
    const answer = (await this.#upstream?.pass(frame)) ?? null;
    if (answer !== null && answer[0] !== FAILURE) return encodeAgentFrame(answer);
    if (!changes) return this.refuse('unsupported', `type ${type}`);
    return this.refuse(answer === null ? 'no-upstream' : 'upstream-refused', `type ${type}`);
  }

  #failed(code: string, cause?: unknown): Uint8Array {
    this.#log({ kind: 'not-signed', code, ...(cause === undefined ? {} : { cause }) });
    return encodeFailure();
  }

  /** A failure that asks nobody, and is told. */
  refuse(code: RefusalCode, detail?: string): Uint8Array {
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
