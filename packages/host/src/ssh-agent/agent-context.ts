import type { ClaimSource } from '../claims/claim.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { AgentLock } from './agent-lock.ts';
import type { AgentEvent, FileAsk, LoginAsk, OfferPolicy, SignOutcome, UserKeyView } from './login-ask.ts';

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
