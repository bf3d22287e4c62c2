/** What the app makes of a request before and while a person sees it. */
import { encodeRequest } from '@palmkey/core/requests';
import { webHostKeyVerifier } from '@palmkey/core/ssh';
import { type Judging, judgeRequest } from '../../../apps/phone/src/engine/judge.ts';
import { visibleParts } from '../../../apps/phone/src/parts/visible-text.ts';
import { fromUtf8, type Target, utf8 } from '../target.ts';
import { requestSamples } from './request-samples.ts';

/** The text, from the parts that are shown of it. */
function textOfParts(text: string): string {
  return visibleParts(text)
    .map((part) => (part.is === 'control' ? String.fromCodePoint(Number.parseInt(part.text.slice(2), 16)) : part.text))
    .join('');
}

const judging: Judging = {
  verify: webHostKeyVerifier,
  now: requestSamples.ping.issued,
  keyFor: () => 'elsewhere',
};

export const phoneTargets: readonly Target[] = [
  {
    name: 'phone-judge',
    kind: 'codec',
    share: 0.3,
    seeds: [requestSamples.ping, ...requestSamples.logins, ...requestSamples.commits, requestSamples.file].map(
      encodeRequest,
    ),
    refusals: [],
    parse: async (bytes) => {
      const verdict = await judgeRequest(bytes, requestSamples.ping.issued, judging);
      return verdict.is === 'unreadable' ? null : encodeRequest(verdict.request);
    },
  },
  {
    name: 'phone-visible-text',
    kind: 'lenient',
    seeds: ['root', 'jürgen', 'a\u202eb\u200bc\u001b[0m', '🔑 \ud83d'].map(utf8),
    refusals: [],
    parse: (bytes) => {
      const text = fromUtf8(bytes);
      if (textOfParts(text) !== text) throw new Error('what is shown is not what was there');
      return utf8(text);
    },
  },
];
