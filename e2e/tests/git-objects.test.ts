/** What we sign for git under real git and ssh-keygen. A WebCrypto key of each type stands in for the phone. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concat } from '@palmkey/envelope';
import { gitSignedData, parseGitObject } from '@palmkey/core/git';
import type { PlainKey, UserKeyAlgorithm } from '@palmkey/core/ssh';
import {
  authorizedKeysLine,
  encodeSshsig,
  encodeSshSignature,
  parseSshsig,
  plainKeyBlob,
  verifyUserSignature,
  webHostKeyVerifier,
} from '@palmkey/core/ssh';

const run = promisify(execFile);
const fromUrl = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
const ALGORITHMS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512'] as const;

let folder: string;
const at = (name: string) => join(folder, name);

function makePair(algorithm: UserKeyAlgorithm) {
  switch (algorithm) {
    case 'ssh-ed25519':
      return crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    case 'ecdsa-sha2-nistp256':
      return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    case 'rsa-sha2-512': {
      const exponent = { modulusLength: 4096, publicExponent: Uint8Array.of(1, 0, 1) };
      return crypto.subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512', ...exponent }, false, [
        'sign',
        'verify',
      ]);
    }
  }
}

/** A user key, and how it answers a request to sign a git object. */
async function makeSigner(algorithm: UserKeyAlgorithm) {
  const { publicKey, privateKey } = await makePair(algorithm);
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const keys: Record<UserKeyAlgorithm, () => PlainKey> = {
    'ssh-ed25519': () => ({ kind: 'ed25519', publicKey: fromUrl(jwk.x) }),
    'ecdsa-sha2-nistp256': () => ({
      kind: 'ecdsa',
      curve: 'nistp256',
      point: concat(Uint8Array.of(4), fromUrl(jwk.x), fromUrl(jwk.y)),
    }),
    'rsa-sha2-512': () => ({ kind: 'rsa', exponent: fromUrl(jwk.e), modulus: fromUrl(jwk.n), bits: 4096 }),
  };
  const blob = plainKeyBlob(keys[algorithm]());
  const use = { name: privateKey.algorithm.name, hash: 'SHA-256' };
  async function sign(object: Uint8Array): Promise<string> {
    parseGitObject(object);
    const data = await gitSignedData(object);
    const signature = encodeSshSignature(algorithm, new Uint8Array(await crypto.subtle.sign(use, privateKey, data)));
    expect(await verifyUserSignature(webHostKeyVerifier, blob, signature, data)).toBe(true);
    return encodeSshsig({ publicKey: blob, namespace: 'git', hash: 'sha512', signature });
  }
  return { line: authorizedKeysLine(blob, ''), sign };
}

/** Runs git and answers its signing program, whose file comes through one pipe and whose signature goes through another. */
async function gitSigned(args: readonly string[], sign: (object: Uint8Array) => Promise<string>): Promise<Uint8Array> {
  const done = run('git', args, { cwd: at('repository') });
  const answered = (async () => {
    const object = new Uint8Array(await readFile(at('asked')));
    await writeFile(at('answer'), await sign(object));
    return object;
  })();
  const [object] = await Promise.all([answered, done]);
  return object;
}
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: at('repository'), stdio: 'pipe' });
/** Whether git, or ssh-keygen, says that all is well. */
async function holds(program: string, args: readonly string[], input: Uint8Array | null = null): Promise<boolean> {
  const child = run(program, args, { cwd: at('repository') });
  child.child.stdin?.on('error', () => undefined);
  child.child.stdin?.end(input ?? undefined);
  return child.then(
    () => true,
    () => false,
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-git-'));
  const script = '#!/bin/sh\nfor file; do :; done\n';
  writeFileSync(at('program'), `${script}cat "$file" > ${at('asked')}\ncat ${at('answer')} > "$file.sig"\n`, {
    mode: 0o755,
  });
  execFileSync('mkfifo', [at('asked'), at('answer')]);
  execFileSync('git', ['init', '-q', '-b', 'main', at('repository')]);
  const settings = {
    'gpg.format': 'ssh',
    'gpg.ssh.allowedSignersFile': at('allowed'),
    'user.name': 'Ada  M.  Lovelace',
    'user.email': 'ada@example.org',
  };
  for (const [name, value] of Object.entries(settings)) git('config', name, value);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(ALGORITHMS)('%s', (algorithm) => {
  let line: string;
  let sign: (object: Uint8Array) => Promise<string>;
  let signing: string[];
  beforeAll(async () => {
    ({ line, sign } = await makeSigner(algorithm));
    writeFileSync(at('allowed'), `ada@example.org ${line}\n`);
    signing = ['-c', `gpg.ssh.program=${at('program')}`, '-c', `user.signingkey=key::${line}`];
  });

  test('a commit and a tag of it are good signatures to git', async () => {
    const text = await gitSigned([...signing, 'commit', '-q', '-S', '--allow-empty', '-m', 'A commit  of two'], sign);
    expect(parseGitObject(text)).toMatchObject({ kind: 'commit', author: { name: 'Ada  M.  Lovelace' } });
    expect(await holds('git', ['verify-commit', 'HEAD'])).toBe(true);
    const name = `v-${algorithm}`;
    const tagText = await gitSigned([...signing, 'tag', '-s', '-m', 'A tag', name], sign);
    expect(parseGitObject(tagText)).toMatchObject({ kind: 'tag', tag: name, objectType: 'commit' });
    expect(await holds('git', ['verify-tag', name])).toBe(true);
    expect(git('cat-file', 'tag', name).toString().startsWith(Buffer.from(tagText).toString())).toBe(true);
  });

  test('a commit that was changed after it was signed is a bad signature to git', async () => {
    await gitSigned([...signing, 'commit', '-q', '-S', '--allow-empty', '-m', 'before'], sign);
    const changed = git('cat-file', 'commit', 'HEAD').toString().replace('before', 'behind');
    writeFileSync(at('changed'), changed);
    const id = git('hash-object', '-t', 'commit', '-w', at('changed')).toString().trim();
    expect(await holds('git', ['verify-commit', 'HEAD'])).toBe(true);
    expect(await holds('git', ['verify-commit', id])).toBe(false);
  });

  test('ssh-keygen verifies our armour and we read its own of the same bytes', async () => {
    const person = 'Ada <ada@example.org> 0 +0000';
    const object = new TextEncoder().encode(`tree ${'0'.repeat(40)}\nauthor ${person}\ncommitter ${person}\n\nx\n`);
    const armoured = await sign(object);
    writeFileSync(at('sig'), armoured);
    const verify = ['-Y', 'verify', '-f', at('allowed'), '-I', 'ada@example.org', '-n', 'git', '-s', at('sig')];
    expect(await holds('ssh-keygen', verify, object)).toBe(true);
    expect(await holds('ssh-keygen', ['-Y', 'check-novalidate', '-n', 'git', '-s', at('sig')], object)).toBe(true);
    expect(await holds('ssh-keygen', ['-Y', 'check-novalidate', '-n', 'file', '-s', at('sig')], object)).toBe(false);
    expect(await holds('ssh-keygen', verify, object.slice(1))).toBe(false);
    expect(encodeSshsig(parseSshsig(readFileSync(at('sig'), 'utf8')))).toBe(armoured);
  });
});
