/** What the control socket's calls do while the keys are open. */
import { PairingError } from '@palmkey/core/pairing';
import { toHex } from '@palmkey/envelope';
import { accountHandlers } from './account/account-handlers.ts';
import { ControlError } from './control/control-error.ts';
import type { Caller, Handlers } from './control/server.ts';
import type { Daemon } from './daemon.ts';
import { phoneFact } from './facts.ts';
import { unpair } from './pairing-desk.ts';
import { pingPhone } from './ping-phone.ts';
import { presentHandlers } from './present-handlers.ts';
import { logEntry } from './state/event-log.ts';
import type { Pairing } from './state/pairing-store.ts';

/** By connection, who waits for the code that is typed there. */
type Codes = WeakMap<object, (code: string) => void>;

export function controlHandlers(daemon: Daemon): Handlers {
  const codes: Codes = new WeakMap();

  return {
    ...accountHandlers(daemon),
    ...presentHandlers(daemon),

    pair: (args, caller) => pair(daemon, args, caller, codes),

    'pair-code': ({ code }, caller) => {
      const give = codes.get(caller.connection);
      if (give === undefined) throw new ControlError('no-pairing');
      codes.delete(caller.connection);
      give(code);
      return Promise.resolve(null);
    },

    unpair: async ({ phone }) => {
      const pairing = oneOf(daemon.pairings.list(), phone);
      const { told } = await unpair(daemon, pairing);
      return { name: pairing.peer.name, told };
    },

    'ping-phone': ({ phone }, { signal }) => pingPhone(daemon, oneOf(daemon.pairings.list(), phone), signal),
  };
}

async function pair(
  daemon: Daemon,
  args: { readonly relay?: string; readonly app?: string },
  caller: Caller<'pair'>,
  codes: Codes,
) {
  const { publicUrl, appUrl } = daemon.options;
  // Who is to be in the account meets where the account is.
  const moved = daemon.account.formerRelay === null ? undefined : daemon.account.place?.relay;
  const given = args.relay ?? moved;
  const relay = given ?? publicUrl ?? daemon.options.relay;
  const app = args.app ?? (given === undefined ? (publicUrl ?? appUrl ?? relay) : relay);
  try {
    const pairing = await daemon.pair({
      relay,
      app,
      signal: caller.signal,
      onEvent: (event) => caller.emit(event),
      askCode: (_attempt, _phone, signal) => codeFrom(caller.connection, codes, signal),
    });
    return { phone: phoneFact(pairing, daemon.lines, daemon.account) };
  } catch (error) {
    if (!(error instanceof PairingError)) throw error;
    // Nothing failed where the person has turned away.
    if (error.code !== 'cancelled')
      daemon.log(logEntry(daemon.clock.now(), { kind: 'pairing-failed', outcome: error.code, code: error.reason }));
    throw new ControlError(error.code, { reason: error.reason });
  }
}

/** The code that the next `pair-code` of this connection brings. Rejects when the signal aborts. */
function codeFrom(connection: object, codes: Codes, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    codes.set(connection, resolve);
    const end = () => {
      codes.delete(connection);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

/** The pairing that a person means by a phone's name or id, or the beginning of either. */
function oneOf(pairings: readonly Pairing[], wanted: string): Pairing {
  const named = (pairing: Pairing) => [pairing.peer.name.toLowerCase(), toHex(pairing.peer.id)];
  const text = wanted.trim().toLowerCase();
  const exact = pairings.filter((pairing) => named(pairing).includes(text));
  const found =
    exact.length > 0 ? exact : pairings.filter((pairing) => named(pairing).some((name) => name.startsWith(text)));
  const [first, second] = found;
  if (first === undefined || text === '') throw new ControlError('no-such-phone', { phone: wanted });
  if (second !== undefined) throw new ControlError('ambiguous-phone', { phone: wanted });
  return first;
}
