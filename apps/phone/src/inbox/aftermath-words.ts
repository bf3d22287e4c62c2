import type { Aftermath } from '../model/model.ts';

export interface AftermathWords {
  readonly text: string;
  readonly tone: 'done' | 'waiting' | 'unusual';
}

function confirmed({ computer, decision, outcome }: Aftermath): AftermathWords {
  switch (outcome) {
    case 'approved':
      return decision === 'approve'
        ? { text: `Signed · ${computer} confirmed`, tone: 'done' }
        : { text: `Another device had approved it before your answer reached ${computer}`, tone: 'unusual' };
    case 'rejected':
      return decision === 'reject'
        ? { text: `Rejected · ${computer} confirmed`, tone: 'done' }
        : { text: `Another device rejected it, so ${computer} did not use your answer`, tone: 'unusual' };
    case 'passed':
      return decision === 'pass'
        ? { text: `${computer} goes on with another key`, tone: 'done' }
        : { text: `Another device had ${computer} go on with another key`, tone: 'unusual' };
    case 'withdrawn':
      return { text: `The program on ${computer} was gone before your answer came`, tone: 'unusual' };
    case 'expired':
      return { text: `Your answer reached ${computer} too late. Run the command again`, tone: 'unusual' };
    case 'failed':
    case 'refused':
    case null:
      return { text: `${computer} could not use your answer. Its terminal has the reason`, tone: 'unusual' };
  }
}

/** What became of the last answer, in one line: done and where it went, or that nobody has confirmed it yet. */
export function aftermathWords(aftermath: Aftermath): AftermathWords {
  const done = { approve: 'Approved', reject: 'Rejected', pass: 'Passed on' }[aftermath.decision];
  switch (aftermath.state) {
    case 'sending':
      return { text: `${done} · sending to ${aftermath.computer}…`, tone: 'waiting' };
    case 'unconfirmed':
      return { text: `${done} · ${aftermath.computer} has not confirmed it yet`, tone: 'unusual' };
    case 'confirmed':
      return confirmed(aftermath);
  }
}
