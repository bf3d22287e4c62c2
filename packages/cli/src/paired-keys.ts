import type { ControlClient, KeyFact } from '@palmkey/host/control';
import { CliError } from './cli-error.ts';
import { keysOf } from './voice/picture.ts';

/** The keys of all paired phones. Throws CliError `no-phone`, `no-keys`. */
export async function pairedKeys(control: ControlClient): Promise<readonly KeyFact[]> {
  const status = await control.call('status', {});
  if (status.phones.length === 0) throw new CliError('no-phone');
  const keys = keysOf(status);
  if (keys.length === 0) throw new CliError('no-keys');
  return keys;
}

/** The key that `wanted` names (a comment, a fingerprint, or how one begins), or the only one. */
export function chooseKey(keys: readonly KeyFact[], wanted: string | undefined): KeyFact {
  const exact = keys.filter((key) => key.comment === wanted || key.fingerprint === wanted);
  const bare = (wanted ?? '').replace(/^SHA256:/, '');
  const begun = keys.filter(
    (key) => key.comment.startsWith(wanted ?? '') || key.fingerprint.startsWith(`SHA256:${bare}`),
  );
  const found = exact.length > 0 ? exact : begun;
  const [chosen] = found;
  if (chosen === undefined) throw new CliError('no-such-key', { key: wanted ?? null });
  // A key that several phones hold is one key.
  if (found.some(({ fingerprint }) => fingerprint !== chosen.fingerprint)) throw new CliError('which-key');
  return chosen;
}
