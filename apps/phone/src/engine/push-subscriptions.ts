import type { PushRegistration } from '@palmkey/envelope';

/**
 * Whether the browser can wake this app, and may: it has no Web Push at all, has it only for the installed app (iPhone
 * and iPad), has not asked the person yet, or has been told no or yes.
 */
export type PushStanding = 'unsupported' | 'install-first' | 'unasked' | 'denied' | 'allowed';

/** Web Push of this browser (https://www.w3.org/TR/push-api/): one subscription at most, made for one relay's key. */
export interface PushSubscriptions {
  standing(): Promise<PushStanding>;
  /** Has the browser ask the person for notifications; only while they tap something. */
  ask(): Promise<PushStanding>;
  current(): Promise<PushRegistration | null>;
  /** Subscribes for a relay's VAPID key (65 bytes, P-256, RFC 8292), in place of what there was. Rejects when the browser cannot. */
  subscribe(key: Uint8Array): Promise<PushRegistration>;
  end(): Promise<void>;
}
