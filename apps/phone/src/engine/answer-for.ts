import type { Answer } from '@palmkey/core/requests';

/** An answer in words that a computer of this protocol knows (spec/requests.md, "Versions"). */
export function answerFor(protocol: number, answer: Answer): Answer {
  if (protocol >= 2) return answer;
  switch (answer.is) {
    case 'approve':
      return { is: 'approve', signature: answer.signature };
    case 'refuse':
      return answer.code === 'too-many' || answer.code === 'muted'
        ? { is: 'refuse', code: 'busy', skew: null }
        : answer;
    case 'pass':
      return { is: 'reject' };
    case 'reject':
      return answer;
  }
}
