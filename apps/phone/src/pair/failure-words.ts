/** Why a pairing ended, in words: what happened, then what to do. Codes of core's PairingError and of spec/relay.md. */
export function pairingFailure(code: string, hostName: string | null): { title: string; text: string } {
  const computer = hostName ?? 'the computer';
  const again = `Run palmkey pair on ${computer} for a new link.`;
  switch (code) {
    case 'cancelled':
      return { title: 'Pairing was cancelled', text: again };
    case 'peer-aborted':
      return { title: `${computer} ended the pairing`, text: `Its terminal has the reason. ${again}` };
    case 'wrong-code':
      return {
        title: 'The code was wrong three times',
        text: `If you typed what stood here, somebody may be in between. Change the network, then: ${again}`,
      };
    case 'timed-out':
      return { title: 'Nobody typed the code in time', text: `You have 3 minutes. ${again}` };
    case 'no-answer':
      return {
        title: `${computer} does not answer`,
        text: `Its link may have been used already, by you or by somebody else. ${again}`,
      };
    case 'bad-link':
      return { title: 'That is not a pairing link', text: `It is not complete, or something else. ${again}` };
    case 'link-expired':
    case 'no-rendezvous':
      return { title: 'The link has expired', text: `A link works once, for 10 minutes. ${again}` };
    case 'bad-message':
    case 'commitment':
    case 'bad-signature':
    case 'conflict':
    case 'rendezvous-full':
      return {
        title: 'Something in between disturbed the pairing',
        text: `What came does not verify, so nothing was paired. ${again} If it happens again, use another network.`,
      };
    case 'version':
    case 'unsupported-version':
      return {
        title: 'The two speak different versions',
        text: `Update Palmkey on ${computer}, reload this page, and pair again.`,
      };
    case 'already-paired':
      return {
        title: `${computer} is already paired with this device`,
        text: 'To pair it anew, unpair it first, here or there.',
      };
    case 'interrupted':
      return { title: 'The page was closed in the middle', text: `Nothing was paired. ${again}` };
    case 'rate-limited':
    case 'too-many-connections':
      return { title: 'The relay is busy', text: `Wait a minute. ${again}` };
    case 'not-admitted':
      return {
        title: 'The relay does not admit this device',
        text: `${again} If it happens again, ask whoever runs the relay.`,
      };
    case 'wrong-origin':
      return { title: 'The relay has another name', text: `It is reached under a name that is not its own. ${again}` };
    default:
      return {
        title: 'The relay cannot be reached',
        text: `Check the network, and that the relay runs (${code}). ${again}`,
      };
  }
}
