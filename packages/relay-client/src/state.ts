import type { RelayErrorCode } from '@palmkey/envelope';
import type { RelayClientFault } from './errors.ts';

/** Why a connection ended or did not come about. */
export type ConnectionFault = RelayErrorCode | RelayClientFault;

/** Where a client stands. */
export type ClientState =
  | { readonly is: 'idle' }
  | { readonly is: 'connecting' }
  | {
      readonly is: 'connected';
      /** The longest body this relay takes. */
      readonly maxBodyBytes: number;
      /** Whether it keeps mail (spec/relay.md, "Mail"); a relay of version 1 does not. */
      readonly keepsMail: boolean;
      /** This device's clock minus the relay's, as of the admission. */
      readonly aheadOfRelayMs: number;
    }
  /** It tries again at `nextTryAt` (ms since 1970 UTC) or on `reconnectNow()`. */
  | { readonly is: 'waiting'; readonly nextTryAt: number; readonly lastError: ConnectionFault }
  /** The relay said no; it stays so until `start()` or `reconnectNow()`. */
  | { readonly is: 'refused'; readonly code: RelayErrorCode }
  | { readonly is: 'closed' };
