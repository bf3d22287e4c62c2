import type { GitObject } from '@palmkey/core/git';
import { isPlainText } from '@palmkey/core/devices';
import type { Checked } from '../../keyring/checked.ts';

/** What ends and indents lines where a text has lines: there it is what it looks like. */
const LAYOUT = /\r?\n|\t/g;
/** Characters that take no room and are no plain text's fault: soft hyphen, zero-width and other invisible ones. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** Of those, what emoji are joined and coloured with (UTS #51): it shows in what stands beside it. */
const OF_EMOJI = /(?<=\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}]|\uFE0F)(?:\u200D|\uFE0F)|(?<=[#*0-9])\uFE0F/gu;

/** Whether what is shown of a request has characters that are not what they look like. */
export function hasHiddenCharacters(checked: Checked): boolean {
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
