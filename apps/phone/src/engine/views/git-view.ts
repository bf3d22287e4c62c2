import type { GitObject, GitPerson } from '@palmkey/core/git';
import type { GitSignRequest } from '@palmkey/core/requests';
import { toHex } from '@palmkey/envelope';
import type { CheckedCommit } from '../../keyring/checked-commit.ts';
import type { GitObjectView, GitPersonView, GitView, RequestBase } from '../../model/request-view.ts';

/** So much of a message is looked through for its subject. */
const MAX_LOOKED_THROUGH = 64 * 1024;

/** The screen of a commit or tag; `commit` is null while `here` bytes of its text have come. */
export function gitView(
  base: RequestBase,
  request: GitSignRequest,
  commit: CheckedCommit | null,
  here: number,
): GitView {
  const size = request.object.is === 'whole' ? request.object.bytes.length : request.object.size;
  return {
    ...base,
    kind: 'git',
    repository: request.repository,
    size,
    here: commit === null ? here : size,
    object: commit === null ? null : objectView(commit.object),
    decoded: commit === null ? 'utf-8' : commit.object.decoded,
    fields: commit === null ? [] : fieldsOf(commit),
  };
}

/** The first line that is not empty: as git shows it. */
export function subjectOf(message: string): string {
  return message.trimStart().split('\n', 1)[0]?.trimEnd().slice(0, 256) ?? '';
}

function objectView(object: GitObject): GitObjectView {
  const { message } = object;
  const subject = subjectOf(message.slice(0, MAX_LOOKED_THROUGH));
  if (object.kind === 'tag') {
    const { tag, object: target, objectType: targetType } = object;
    const tagger = object.tagger === null ? null : personView(object.tagger);
    return { is: 'tag', tag, target, targetType, tagger, subject, message };
  }
  const { tree, parents, headers } = object;
  const [author, committer] = [personView(object.author), personView(object.committer)];
  return { is: 'commit', tree, parents, author, committer, headers, subject, message };
}

function personView({ name, email, atSeconds, zone }: GitPerson): GitPersonView {
  return { name, email, at: atSeconds * 1000, zone };
}

/** Every header in its order, and what is signed over all of it. */
function fieldsOf({ object, size, signedHash }: CheckedCommit): GitView['fields'] {
  const signed = [
    { label: 'Namespace', value: 'git' },
    { label: 'Hash', value: 'sha512' },
    { label: 'Hash of the text', value: toHex(signedHash) },
    { label: 'Bytes', value: String(size) },
  ];
  if (object.kind === 'tag') {
    const tagger = object.tagger === null ? [] : [{ label: 'tagger', value: object.tagger.raw }];
    return [
      { label: 'object', value: object.object },
      { label: 'type', value: object.objectType },
      { label: 'tag', value: object.tag },
      ...tagger,
      ...signed,
    ];
  }
  return [
    { label: 'tree', value: object.tree },
    ...object.parents.map((value) => ({ label: 'parent', value })),
    { label: 'author', value: object.author.raw },
    { label: 'committer', value: object.committer.raw },
    ...object.headers.map(({ name, value }) => ({ label: name, value })),
    ...signed,
  ];
}
