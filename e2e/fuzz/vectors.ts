/** The vectors, read in place. */
import { readFileSync } from 'node:fs';
import { fromHex } from '@palmkey/envelope';
import * as v from 'valibot';

const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.transform(fromHex));
const bytes = v.object({ bytes: hex });
const bind = v.object({ hostKey: hex, sessionId: hex, signature: hex, forwarding: v.boolean() });

const frames = v.object({
  frames: v.array(bytes),
  bodies: v.object({
    challenge: bytes,
    authenticate: v.array(bytes),
    admitted: bytes,
    rendezvousClose: v.array(bytes),
    resume: v.array(bytes),
    pushRegister: bytes,
    pushed: v.array(bytes),
    invite: bytes,
    nameplate: bytes,
  }),
  errors: v.array(bytes),
});
const ssh = v.object({
  userauth: v.object({ valid: v.array(v.object({ name: v.string(), data: hex })) }),
  publicKeys: v.object({ valid: v.array(v.object({ name: v.string(), blob: hex })) }),
  binds: v.object({ valid: v.array(v.object({ name: v.string(), ...bind.entries })) }),
  sshsigData: v.object({ valid: v.array(v.object({ name: v.string(), data: hex })) }),
  sshsig: v.object({ valid: v.array(v.object({ name: v.string(), armoured: v.string() })) }),
  hostCertificates: v.object({ valid: v.array(v.object({ name: v.string(), blob: hex })) }),
  userKeys: v.object({ valid: v.array(v.object({ name: v.string(), blob: hex })) }),
  userSignatures: v.object({ valid: v.array(v.object({ algorithm: v.string(), blob: hex })) }),
  chains: v.object({ valid: v.array(v.object({ name: v.string(), data: hex, binds: v.array(bind) })) }),
});

const git = v.object({ valid: v.array(v.object({ name: v.string(), object: hex })) });

/** `vectors/frame.json`. */
export const frameVectors = v.parse(frames, read('frame.json'));
/** `vectors/ssh.json`. */
export const sshVectors = v.parse(ssh, read('ssh.json'));
/** `vectors/git.json`. */
export const gitVectors = v.parse(git, read('git.json'));

/** One of some vectors by its name. Throws RangeError where there is none. */
export function named<T extends { readonly name: string }>(vectors: readonly T[], name: string): T {
  const found = vectors.find((vector) => vector.name === name);
  if (found === undefined) throw new RangeError(`no vector is called ${name}`);
  return found;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8'));
}
