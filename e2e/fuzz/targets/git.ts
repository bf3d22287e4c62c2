/** What git has signed: commits and tags. */
import { GitFormatError, type GitObject, type GitPerson, parseGitObject } from '@palmkey/core/git';
import { latin1, fromLatin1, type Target, utf8 } from '../target.ts';
import { gitVectors } from '../vectors.ts';

const person = (kind: string, { name, email, atSeconds, zone }: GitPerson) =>
  `${kind} ${name} <${email}> ${atSeconds} ${zone}\n`;

function textOf(object: GitObject): string {
  if (object.kind === 'tag') {
    const tagger = object.tagger === null ? '' : person('tagger', object.tagger);
    return `object ${object.object}\ntype ${object.objectType}\ntag ${object.tag}\n${tagger}\n${object.message}`;
  }
  const parents = object.parents.map((parent) => `parent ${parent}\n`).join('');
  const others = object.headers.map(({ name, value }) => `${name} ${value.replaceAll('\n', '\n ')}\n`).join('');
  const people = person('author', object.author) + person('committer', object.committer);
  return `tree ${object.tree}\n${parents}${people}${others}\n${object.message}`;
}

/** The object's bytes from its parts. Of an encoding that cannot be written here, only what is ASCII is compared. */
function objectAgain(bytes: Uint8Array): Uint8Array {
  const object = parseGitObject(bytes);
  const text = textOf(object);
  if (object.decoded === 'utf-8') return utf8(text);
  if (object.decoded === 'latin1') return fromLatin1(text);
  const ascii = (from: string) => from.replaceAll(/[^\0-\x7f]/g, '');
  return object.decoded !== 'windows-1252' || ascii(text) === ascii(latin1(bytes)) ? bytes : utf8(text);
}

export const gitTargets: readonly Target[] = [
  {
    name: 'git-object',
    kind: 'codec',
    seeds: gitVectors.valid.filter(({ object }) => object.length < 2_000).map(({ object }) => object),
    refusals: [GitFormatError],
    parse: objectAgain,
  },
];
