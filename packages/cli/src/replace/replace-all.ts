/** All places, one after the other: each may ask a phone. */
import type { ProviderStop, ReplacePlan, Stop } from './plan.ts';
import {
  knownKeys,
  type ReplaceJob,
  replaceOnServer,
  type ReplaceStep,
  type ServerReport,
} from './replace-on-server.ts';
import { settled } from './ssh-options.ts';

/** What became of a git host, where only the person can change keys; what it knows was asked by its own ssh. */
export interface ProviderReport {
  /** `replaced`: it knows the new key and not the old; `by-hand`: it does not yet; or why it could not be asked. */
  readonly end: 'replaced' | 'by-hand' | 'unreachable' | 'host-key';
  readonly knowsOld: boolean | null;
  readonly knowsNew: boolean | null;
}

export type Replaced =
  | { readonly kind: 'server'; readonly stop: Stop; readonly report: ServerReport | null }
  | { readonly kind: 'provider'; readonly stop: ProviderStop; readonly report: ProviderReport | null };

export interface ReplaceListeners {
  readonly onStep: (stop: Stop, step: ReplaceStep) => void;
  /** The old keys get in there no more, and the new one does. */
  readonly onDone: (done: Replaced) => Promise<void>;
}

/**
 * Goes through a plan; what was done before is passed over. Ends early where the job's signal says so: `stopped`, with a
 * report of what was done until then, and null for what was not begun. Throws CliError `no-ssh`.
 */
export async function replaceAll(
  plan: ReplacePlan,
  job: Omit<ReplaceJob, 'onStep'>,
  listeners: ReplaceListeners,
): Promise<{ readonly results: readonly Replaced[]; readonly stopped: boolean }> {
  const results: Replaced[] = [];
  for (const stop of plan.servers) {
    if (stop.replaced !== null || stop.host === null) continue;
    let report: ServerReport | null = null;
    try {
      if (!job.signal.aborted) {
        const whole = { ...job, onStep: (step: ReplaceStep) => listeners.onStep(stop, step) };
        report = await replaceOnServer({ ...stop, host: stop.host }, whole, (so) => (report = so));
      }
    } catch (error) {
      if (!job.signal.aborted) throw error;
    }
    results.push({ kind: 'server', stop, report });
    await settle(results, job.signal, listeners);
  }
  for (const stop of plan.providers) {
    if (stop.replaced !== null) continue;
    let report: ProviderReport | null = null;
    try {
      if (!job.signal.aborted) {
        listeners.onStep(stop, 'asking');
        report = await askProvider(stop, { ...job, onStep: () => undefined });
      }
    } catch (error) {
      if (!job.signal.aborted) throw error;
    }
    results.push({ kind: 'provider', stop, report });
    await settle(results, job.signal, listeners);
  }
  return { results, stopped: job.signal.aborted };
}

/** Whether something is to be done there yet. */
export function isLeft({ report }: Replaced): boolean {
  return report === null || !(report.end === 'replaced' || report.end === 'already');
}

async function settle(results: readonly Replaced[], signal: AbortSignal, { onDone }: ReplaceListeners): Promise<void> {
  const last = results.at(-1);
  // Once it is stopped, the daemon hears nothing more; the next time finds it done.
  if (last !== undefined && !isLeft(last) && !signal.aborted) await onDone(last);
}

async function askProvider(stop: ProviderStop, job: ReplaceJob): Promise<ProviderReport> {
  const target = { ...stop, user: stop.user ?? 'git' };
  const known = await knownKeys(target, job, await settled(target, job));
  if ('fault' in known) return { end: known.fault, knowsOld: null, knowsNew: null };
  const knowsOld = job.old.some((key) => known.keys.has(key.fingerprint));
  const knowsNew = known.keys.has(job.next.fingerprint);
  return { end: knowsNew && !knowsOld ? 'replaced' : 'by-hand', knowsOld, knowsNew };
}
