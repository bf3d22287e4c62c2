import type { GitObject } from '@palmkey/core/git';
import { isPlainText } from '@palmkey/core/devices';
import type { Checked } from '../../keyring/checked.ts';

/** What ends and indents lines where a text has lines: there it is what it looks like. */
const LAYOUT = /\r?\n|\t/g;
/** Characters that take no room and are no plain text's fault: soft hyphen, zero-width and other invisible ones. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** Of those, what emoji are joined and coloured with (UTS #51): it shows in what stands beside it. */
const OF_EMOJI = /(?<=\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}]|\uFE0F)(?:\u200D|\uFE0F)|(?<=[#*0-9])\uFE0F/gu;

/** Encodings in which ASCII bytes can be other characters. */
const NOT_ASCII = /^(?:utf-16(?:le|be)|iso-2022-jp|replacement|x-user-defined)$/;

/** Whether what is shown of a request has characters that are not what they look like, here or where git shows them. */
export function hasHiddenCharacters(checked: Checked): boolean {
  if (checked.kind === 'git' && isReadOtherwise(checked.object)) return true;
  return textsOf(checked).some((text) => {
    return (INVISIBLE.test(text) && INVISIBLE.test(text.replace(OF_EMOJI, ''))) || !isPlainText(text, text.length);
  });
}

function textsOf(checked: Checked): readonly string[] {
  switch (checked.kind) {
    case 'login':
      return [checked.userauth.user];
    case 'git':
      return objectTexts(checked.object);
    case 'file':
      return [checked.data.namespace];
  }
}

function objectTexts(object: GitObject): readonly string[] {
  const message = object.message.replace(LAYOUT, ' ');
  if (object.kind === 'tag') return [object.tag, object.tagger?.raw ?? '', message];
  const headers = object.headers.map(({ value }) => value.replace(LAYOUT, ' '));
  return [object.author.raw, object.committer.raw, ...headers, message];
}

/** Whether a git that goes by the commit's `encoding` header would show another text than this phone does. */
function isReadOtherwise(object: GitObject): boolean {
  const header = object.kind === 'commit' ? object.headers.find(({ name }) => name === 'encoding') : undefined;
  if (header === undefined) return false;
  const encoding = encodingCalled(header.value);
  if (encoding === null || NOT_ASCII.test(encoding)) return true;
  return encoding !== object.decoded && objectTexts(object).some((text) => /[^\0-\x7f]/.test(text));
}

/** The platform's name of an encoding; null for one that it does not know, UTF-7 above all. */
function encodingCalled(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}
