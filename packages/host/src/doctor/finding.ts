/** What the doctor finds: facts with a stable code. The command line has the words. */

/** The links of the way from ssh to the phone, in its order. */
export const links = [
  'ssh',
  'config',
  'script',
  'agent',
  'daemon',
  'state',
  'relay',
  'clock',
  'account',
  'phone',
  'git',
  'push',
] as const;
export type Link = (typeof links)[number];

/** `warning`: works, but not as well as it could; `problem`: keeps a login from the phone, or is unsafe. */
export type Verdict = 'ok' | 'warning' | 'problem';

/** Every code, with its verdict. */
export const verdicts = {
  'ssh-fine': 'ok',
  'ssh-unproved': 'warning',
  'ssh-too-old': 'problem',
  'ssh-missing': 'problem',
  'config-fine': 'ok',
  'config-missing': 'problem',
  'config-changed': 'problem',
  'config-other-home': 'problem',
  'include-missing': 'problem',
  'include-other-home': 'problem',
  'include-broken': 'problem',
  'include-inside-block': 'problem',
  'config-newer': 'problem',
  'config-overridden': 'problem',
  'config-host-overrides': 'warning',
  'config-not-read': 'warning',
  'script-fine': 'ok',
  'script-missing': 'problem',
  'script-changed': 'problem',
  'script-not-executable': 'problem',
  'agent-fine': 'ok',
  'agent-locked': 'warning',
  'agent-silent': 'problem',
  'agent-no-agent': 'problem',
  'agent-open-to-others': 'problem',
  'daemon-fine': 'ok',
  'daemon-not-running': 'problem',
  'daemon-locked': 'problem',
  'daemon-other-version': 'warning',
  'daemon-silent': 'problem',
  'state-fine': 'ok',
  'state-none': 'warning',
  'state-open-to-others': 'problem',
  'state-not-writable': 'problem',
  'state-broken': 'problem',
  'state-newer': 'problem',
  'disk-low': 'warning',
  'disk-full': 'problem',
  'relay-fine': 'ok',
  'relay-unknown': 'warning',
  'relay-unreachable': 'problem',
  'relay-certificate': 'problem',
  'relay-not-a-relay': 'problem',
  'relay-no-websocket': 'problem',
  'relay-refuses': 'problem',
  'relay-not-connected': 'problem',
  'clock-fine': 'ok',
  'clock-off': 'warning',
  'clock-wrong': 'problem',
  'account-fine': 'ok',
  'account-none': 'ok',
  'account-unchecked': 'warning',
  'account-moving': 'warning',
  'account-refused': 'problem',
  'account-removed': 'warning',
  'phone-fine': 'ok',
  'phone-none': 'problem',
  'phone-away': 'warning',
  'phone-silent': 'problem',
  'phone-refuses': 'problem',
  'phone-no-key': 'warning',
  'phone-alone': 'ok',
  'phone-newer': 'problem',
  'phone-older': 'problem',
  'git-on': 'ok',
  'git-off': 'ok',
  'git-none': 'ok',
  'git-program-gone': 'problem',
  'push-fine': 'ok',
  'push-none': 'ok',
  'push-unknown': 'ok',
  'push-handed': 'ok',
  'push-not-set-up': 'warning',
  'push-refused': 'warning',
  'push-unreachable': 'warning',
  unchecked: 'problem',
} as const satisfies Record<string, Verdict>;

export type FindingCode = keyof typeof verdicts;

export interface Finding {
  readonly link: Link;
  readonly code: FindingCode;
  readonly verdict: Verdict;
  /** Paths, names, versions, ms: what the words for this code speak of. */
  readonly detail: Readonly<Record<string, string | number | null>>;
}

/** A finding with the verdict of its code. */
export function finding(link: Link, code: FindingCode, detail: Finding['detail'] = {}): Finding {
  return { link, code, verdict: verdicts[code], detail };
}
