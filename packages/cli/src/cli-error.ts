import type { RelayStartFault } from '@palmkey/relay';
import type { SettingFault } from '@palmkey/relay/settings';

/** Every code of a fault that the command line finds by itself. */
export const cliCodes = [
  'already-up',
  'bad-configuration',
  'bad-count',
  'bad-destination',
  'bad-id',
  'bad-invitation',
  'bad-port',
  'bad-public-url',
  'bad-relay-url',
  'bad-time',
  'copy-failed',
  'declined',
  'invitation-refused',
  'invite-where',
  'needs-yes',
  'no-account',
  'no-config',
  'no-input',
  'no-keys',
  'no-lost-key',
  'no-new-key',
  'no-old-key',
  'no-pg-dump',
  'no-phone',
  'no-relay-here',
  'no-such-key',
  'no-ssh',
  'offer-where',
  'passphrase-nobody',
  'pg-dump-failed',
  'old-line-unknown',
  'relay-refuses',
  'relay-runs',
  'replace-declined',
  'replace-left',
  'replace-needs-yes',
  'replace-stopped',
  'restore-postgres',
  'still-running',
  'stopped',
  'store-in-use',
  'try-path',
  'unwell',
  'which-key',
  'which-new-key',
  'which-phone',
] as const;

export type CliCode = (typeof cliCodes)[number];
/** A relay's faults too, which the command line throws again with the address and paths that it knows. */
type Code = CliCode | RelayStartFault | SettingFault;
export type Detail = Readonly<Record<string, string | number | null>>;

/** A fault that the command line finds by itself; `voice/` has the words for its code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: Code;
  readonly detail: Detail;

  constructor(code: Code, detail: Detail = {}, options: { cause?: unknown } = {}) {
    super(code, options);
    this.code = code;
    this.detail = detail;
  }
}
