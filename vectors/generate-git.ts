/**
 * vectors/git.json: what is signed for git and what is refused (spec/git.md). Most objects are what real git handed to
 * its signing program, from fixtures/git-objects.json (capture-git.ts); the others are made here by hand.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { encodeSshsigData } from '../packages/core/src/ssh/index.ts';
import { parseGitObject } from '../packages/core/src/git/index.ts';
import { writePage } from './page.ts';

interface Fixture {
  readonly madeWith: string;
  readonly publicKey: string;
  readonly objects: Record<string, { handed: string; signed: string }>;
  readonly pushCertificate: string;
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/git-objects.json', import.meta.url), 'utf8')) as Fixture;
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
/** Text in which each character is a byte. */
const raw = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

const NAME = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const NAME_256 = '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321';
const ADA = 'Ada <ada@example.org> 1700000000 +0100';
interface CommitParts {
  readonly tree?: string;
  readonly parents?: string;
  readonly author?: string;
  readonly committer?: string;
  readonly others?: string;
  readonly rest?: string;
}
const commit = (parts: CommitParts = {}) =>
  raw(
    [
      `tree ${parts.tree ?? NAME}\n`,
      parts.parents ?? '',
      `author ${parts.author ?? ADA}\n`,
      `committer ${parts.committer ?? ADA}\n`,
      parts.others ?? '',
      parts.rest ?? '\nmessage\n',
    ].join(''),
  );
const tag = (
  parts: { object?: string; type?: string; tag?: string; tagger?: string; others?: string; rest?: string } = {},
) =>
  raw(
    [
      `object ${parts.object ?? NAME}\n`,
      `type ${parts.type ?? 'commit'}\n`,
      `tag ${parts.tag ?? 'v1'}\n`,
      parts.tagger ?? `tagger ${ADA}\n`,
      parts.others ?? '',
      parts.rest ?? '\nmessage\n',
    ].join(''),
  );
const dated = (when: string) => commit({ author: `Ada <ada@example.org> ${when}` });
const headers = (count: number) => 'a b\n'.repeat(count);

const valid: Record<string, Uint8Array> = {
  ...Object.fromEntries(
    Object.entries(fixture.objects).map(([name, { handed }]) => [`${fixture.madeWith}: ${name}`, bytes(handed)]),
  ),
  'a name that is empty': commit({ author: ' <ada@example.org> 0 +0000' }),
  'an address that is empty': commit({ author: 'Ada <> 0 +0000' }),
  'an address with spaces': commit({ author: 'Ada <a  b> 0 +0000' }),
  'zone -0000': dated('1 -0000'),
  'zone +9999': dated('1 +9999'),
  'the last second of a Date': dated('8640000000000 +0000'),
  'a header without text': commit({ others: 'empty \n' }),
  'a header of lines without text': commit({ others: 'empty \n \n \n' }),
  'a header with a name of 255 bytes': commit({ others: `${'n'.repeat(255)} c\n` }),
  'an encoding of 64 characters': commit({ others: `encoding ${'e'.repeat(64)}\n` }),
  '1,000 headers': commit({ others: headers(997) }),
  'a message of NEL and a lone CR': commit({ rest: '\n\xc2\x85\ra' }),
  'no UTF-8, no encoding header': commit({ author: 'J\xfcrgen <j@example.org> 0 +0000', rest: '\n\x80\n' }),
  'UTF-8 whatever the encoding header says': commit({ others: 'encoding ISO-8859-1\n', rest: '\n\xc3\xbc\n' }),
  'no UTF-8, named UTF-16LE': commit({ others: 'encoding UTF-16LE\n', rest: '\n\xfc\xfc\n' }),
  'no UTF-8, named ISO-2022-JP': commit({ others: 'encoding ISO-2022-JP\n', rest: '\n\xfc\n' }),
  'no UTF-8, named Shift_JIS, and not that either': commit({ others: 'encoding Shift_JIS\n', rest: '\n\xff\n' }),
  'text that begins with a byte order mark': commit({ rest: '\n\xef\xbb\xbfa\n' }),
  'a tag without a tagger': tag({ tagger: '' }),
  'a tag without a final newline': tag({ rest: '\nmessage' }),
  'a tag without a message': tag({ rest: '\n' }),
  'a tag whose message has a signature': tag({
    rest: '\n-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n',
  }),
};
const signedRoot = fixture.objects['root commit'];
if (signedRoot === undefined) throw new Error('no captured commit');
const invalid: Record<string, Uint8Array> = {
  empty: raw(''),
  'a newline': raw('\n'),
  'a push certificate': bytes(fixture.pushCertificate),
  'a commit that is signed already': bytes(signedRoot.signed),
  'a commit with an empty gpgsig': commit({ others: 'gpgsig \n' }),
  'a commit with gpgsig-sha256': commit({ others: 'gpgsig-sha256 x\n' }),
  'a blob': raw('hello\n'),
  'a line before it': raw(`x y\n${Buffer.from(commit()).toString()}`),
  'an object with its own length before it': raw(`commit 100\0${Buffer.from(commit()).toString()}`),
  'a tree in capitals': commit({ tree: NAME.toUpperCase() }),
  'a tree of 39 digits': commit({ tree: NAME.slice(1) }),
  'a tree of 41 digits': commit({ tree: `${NAME}0` }),
  'a tree that is empty': commit({ tree: '' }),
  'a tree with a space after it': commit({ tree: `${NAME} ` }),
  'a tree with CRLF': commit({ tree: `${NAME}\r` }),
  'two trees': commit({ parents: `tree ${NAME}\n` }),
  'a parent that is empty': commit({ parents: 'parent \n' }),
  'a parent of another hash': commit({ parents: `parent ${NAME_256}\n` }),
  'a parent after the author': commit({ others: `parent ${NAME}\n` }),
  'a second author': commit({ others: `author ${ADA}\n` }),
  'a second committer': commit({ others: `committer ${ADA}\n` }),
  'no author': raw(`tree ${NAME}\ncommitter ${ADA}\n\nx\n`),
  'no committer': raw(`tree ${NAME}\nauthor ${ADA}\n\nx\n`),
  'a committer before the author': raw(`tree ${NAME}\ncommitter ${ADA}\nauthor ${ADA}\n\nx\n`),
  'an author of two lines': commit({ author: `Ada\n <ada@example.org> 0 +0000` }),
  'an author with CRLF': commit({ author: `${ADA}\r` }),
  'an author without an address': commit({ author: 'Ada 0 +0000' }),
  'an author without a space before the address': commit({ author: 'Ada<a@b> 0 +0000' }),
  'an author whose address comes at once': commit({ author: '<a@b> 0 +0000' }),
  'an author with two addresses': commit({ author: 'Ada <a@b> <c@d> 0 +0000' }),
  'an author whose address is not closed': commit({ author: 'Ada <a@b 0 +0000' }),
  'an author with > before <': commit({ author: 'A>da <a@b> 0 +0000' }),
  'an author without a date': commit({ author: 'Ada <a@b>' }),
  'an author without a zone': commit({ author: 'Ada <a@b> 0' }),
  'a date before 1970': dated('-1 +0000'),
  'a date with a leading zero': dated('01 +0000'),
  'a date with a fraction': dated('1.5 +0000'),
  'a date beyond all calendars': dated('8640000000001 +0000'),
  'a date of many digits': dated(`${'9'.repeat(400)} +0000`),
  'two spaces before the date': dated(' 1 +0000'),
  'two spaces before the zone': dated('1  +0000'),
  'a zone without a sign': dated('1 0000'),
  'a zone of three digits': dated('1 +000'),
  'a zone of five digits': dated('1 +00000'),
  'something after the zone': dated('1 +0000 '),
  'two encodings': commit({ others: 'encoding UTF-8\nencoding ISO-8859-1\n' }),
  'an encoding that is empty': commit({ others: 'encoding \n' }),
  'an encoding of 65 characters': commit({ others: `encoding ${'e'.repeat(65)}\n` }),
  'an encoding of two words': commit({ others: 'encoding a b\n' }),
  'an encoding of two lines': commit({ others: 'encoding a\n b\n' }),
  'a header without a space': commit({ others: 'header\n' }),
  'a header with a tab in its name': commit({ others: 'a\tb c\n' }),
  'a header whose name is no ASCII': commit({ others: '\xc3\xbc c\n' }),
  'a header with a name of 256 bytes': commit({ others: `${'n'.repeat(256)} c\n` }),
  'a line that continues nothing': raw(` ${NAME}\n`),
  '1,001 headers': commit({ others: headers(998) }),
  'a NUL in a header': commit({ others: 'a \0\n' }),
  'a NUL in the author': commit({ author: 'A\0da <a@b> 0 +0000' }),
  'a NUL in the message': commit({ rest: '\na\0b\n' }),
  'no empty line': commit({ rest: '' }),
  'no newline after the headers': raw(`tree ${NAME}\nauthor ${ADA}\ncommitter ${ADA}`),
  'an empty line with CR': commit({ rest: '\r\nmessage\n' }),
  'a tag of no object': tag({ object: '' }),
  'a tag of another type': tag({ type: 'commits' }),
  'a tag with CRLF': tag({ type: 'commit\r' }),
  'a tag without a name': tag({ tag: '' }),
  'a tag whose name has two lines': tag({ tag: 'v1\n v2' }),
  'a tag with two taggers': tag({ others: `tagger ${ADA}\n` }),
  'a tag with another header': tag({ others: 'encoding ISO-8859-1\n' }),
  'a tag with a signature header': tag({ others: 'gpgsig-sha256 x\n' }),
  'a tag with a NUL': tag({ rest: '\na\0' }),
  'a tag with its lines in another order': raw(`object ${NAME}\ntag v1\ntype commit\ntagger ${ADA}\n\nx\n`),
};

writePage('git', {
  valid: Object.entries(valid).map(([name, object]) => {
    const digest = new Uint8Array(createHash('sha512').update(object).digest());
    const signedData = encodeSshsigData({ namespace: 'git', hash: 'sha512', digest });
    return { name, object, parsed: parseGitObject(object), signedData };
  }),
  invalid: Object.entries(invalid).map(([name, object]) => ({ name, object })),
  signed: {
    publicKey: fixture.publicKey,
    objects: Object.entries(fixture.objects).map(([name, { handed, signed }]) => ({
      name,
      handed: bytes(handed),
      signed: bytes(signed),
    })),
  },
});
