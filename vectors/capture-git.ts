/**
 * Captures what real git hands to its signing program, for vectors/generate-git.ts: commits and tags of every shape
 * that git makes, and a push certificate. Run by hand, since the keys and signatures are new each time:
 * `node --import tsx vectors/capture-git.ts`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'palmkey-capture-'));
const handed = join(folder, 'handed');
const program = join(folder, 'program');
const key = join(folder, 'key');
// git runs `<program> -Y sign -n git -f <key> <file>`: the file is kept, and ssh-keygen signs it.
writeFileSync(program, `#!/bin/sh\nfor file; do :; done\ncp "$file" ${handed}\nexec ssh-keygen "$@"\n`, {
  mode: 0o755,
});
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
writeFileSync(join(folder, 'allowed'), `* ${readFileSync(`${key}.pub`, 'utf8')}`);

const env = {
  PATH: process.env.PATH,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '@1700000000 +0100',
  GIT_COMMITTER_NAME: 'Ben',
  GIT_COMMITTER_EMAIL: 'ben@example.org',
  GIT_COMMITTER_DATE: '@1700000100 -0800',
};
const settings = ['gpg.format=ssh', `gpg.ssh.program=${program}`, `user.signingkey=${key}.pub`];
settings.push(`gpg.ssh.allowedSignersFile=${join(folder, 'allowed')}`);

interface Extra {
  readonly input?: Uint8Array | string;
  readonly env?: Record<string, string>;
  readonly settings?: readonly string[];
}
let repository = '';
function git(args: readonly string[], extra: Extra = {}): Buffer {
  const all = [...settings, ...(extra.settings ?? [])].flatMap((setting) => ['-c', setting]);
  const options = { cwd: repository, env: { ...env, ...extra.env }, input: extra.input, maxBuffer: 1 << 26 };
  return execFileSync('git', [...all, ...args], {
    ...options,
    stdio: [extra.input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'],
  });
}
const text = (args: readonly string[], extra?: Extra) => git(args, extra).toString().trim();

const objects: Record<string, { handed: string; signed: string }> = {};
/** Keeps what git handed over for the object, and the object with the signature in it; git has verified it. */
function keep(name: string, kind: 'commit' | 'tag', id: string): void {
  git([`verify-${kind}`, id]);
  const signed = git(['cat-file', kind, id]).toString('base64');
  objects[name] = { handed: readFileSync(handed).toString('base64'), signed };
}
function commit(
  name: string,
  message: Uint8Array | string,
  parents: readonly string[] = [],
  extra: Extra = {},
): string {
  const args = ['commit-tree', '-S', tree, ...parents.flatMap((parent) => ['-p', parent])];
  const id = text(args, { ...extra, input: message });
  keep(name, 'commit', id);
  return id;
}
function tag(name: string, of: string, message: Uint8Array | string, extra: Extra = {}): string {
  const tagName = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  git(['tag', '-s', '--cleanup=verbatim', '-F', '-', tagName, of], { ...extra, input: message });
  keep(name, 'tag', tagName);
  return tagName;
}
function open(format: 'sha1' | 'sha256'): string {
  repository = mkdtempSync(join(folder, 'repository-'));
  git(['init', '-q', '-b', 'main', `--object-format=${format}`]);
  return text(['mktree']);
}

let tree = open('sha1');
const root = commit('root commit', 'The first\n\nIt has a body.\n');
const second = commit('commit with a parent', 'The second\n', [root]);
commit('message without a final newline', 'no newline', [root]);
commit('empty message', '', [root]);
commit('message of newlines', '\n\n\n', [root]);
commit('message with CRLF', 'one\r\ntwo\r\n', [root]);
commit('message with marks and controls', 'a \u202egnp.exe\u202c \u0007\u001b[31mred\u001b[0m \u200b\n', [root]);
commit('message that looks like a header', 'parent 0000000000000000000000000000000000000000\n\ngpgsig x\n', [root]);
commit('octopus', 'three\n', [root, second, commit('another root', 'other\n')]);
commit('double spaces in the author', 'x\n', [root], { env: { GIT_AUTHOR_NAME: 'Ada  M.\t\tLovelace' } });
commit('text in UTF-8', 'Grüße 🔑\n', [root], { env: { GIT_AUTHOR_NAME: 'Jürgen \u202e X' } });
for (const date of ['@0 +0000', '@1 -0330', '@2 +0545', '@4294967296 -0000', '@3 +2500']) {
  commit(`date ${date}`, 'x\n', [root], { env: { GIT_AUTHOR_DATE: date } });
}
const latin = Buffer.from('Grüße\n', 'latin1');
commit('encoding header', latin, [root], { settings: ['i18n.commitEncoding=ISO-8859-1'] });
const japanese = Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x0a]);
commit('encoding header: Shift_JIS', japanese, [root], { settings: ['i18n.commitEncoding=Shift_JIS'] });
commit('encoding header that nobody knows', latin, [root], { settings: ['i18n.commitEncoding=x-nobody'] });

tag('tag of a commit', root, 'Version 1\n');
tag('tag of a tree', tree, 'a tree\n');
tag('tag of a blob', text(['hash-object', '-w', '--stdin'], { input: 'blob' }), 'a blob\n');
tag('tag of a tag', 'tag-of-a-commit', 'a tag\n');
tag('tag in no UTF-8', root, latin);

git(['update-ref', 'refs/heads/main', second]);
git(['reset', '-q', '--hard', second]);
const side = tag('tag to be merged', commit('side', 'side\n', [root]), 'Side  work\n\nwith a body\n');
git(['merge', '-q', '-S', '--no-ff', '-m', 'Merge the side', side]);
keep('merge with a mergetag', 'commit', 'HEAD');
git(['commit', '-q', '--amend', '--allow-empty', '-S', '-m', 'Merged again']);
keep('amended merge', 'commit', 'HEAD');
const withExtra = git(['cat-file', 'commit', root])
  .toString()
  .replace(/gpgsig [^]*?-----END SSH SIGNATURE-----\n/, 'extra:one one\nextra:two a\n \n  b\n');
git(['update-ref', 'refs/heads/main', text(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: withExtra })]);
git(['commit', '-q', '--amend', '--allow-empty', '-S', '-m', 'with headers of a tool']);
keep('headers of another tool', 'commit', 'HEAD');

const bare = join(folder, 'bare');
git(['init', '-q', '--bare', bare]);
git(['-C', bare, 'config', 'receive.certNonceSeed', 'seed']);
git(['push', '-q', '--signed', bare, 'main']);
const certificate = readFileSync(handed, 'utf8').replace(bare, 'https://git.example/repository');
const pushCertificate = Buffer.from(certificate).toString('base64');

tree = open('sha256');
const root256 = commit('SHA-256 commit', 'root\n');
commit('SHA-256 commit with a parent', 'second\n', [root256]);
tag('SHA-256 tag', root256, 'one\n');

const madeWith = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
const publicKey = readFileSync(`${key}.pub`, 'utf8').trim();
rmSync(folder, { recursive: true });
const out = { madeWith, publicKey, objects, pushCertificate };
writeFileSync(new URL('fixtures/git-objects.json', import.meta.url), `${JSON.stringify(out, null, 2)}\n`);
