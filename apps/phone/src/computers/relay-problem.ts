/**
 * What a relay's error means for the person, then what to do. Codes as in spec/relay.md.
 * @param relay origin of the relay, for naming it
 */
export function relayProblem(code: string | null, relay: string): string {
  switch (code) {
    case 'not-admitted':
      return `The relay at ${relay} does not know this device. Sign in there, use an invitation, or pair again.`;
    case 'removed':
      return `The relay at ${relay} has taken this device’s admission back. Get in anew, or pair again.`;
    case 'blocked':
      return `Whoever runs the relay at ${relay} has blocked this device or its account. Ask them.`;
    case 'quota':
      return `This device’s account at ${relay} has used what it may. It tries again by itself.`;
    case 'unavailable':
      return `The relay at ${relay} cannot reach its own store at the moment. This device tries again by itself.`;
    case 'wrong-origin':
      return `The relay answers under another name than ${relay}. Pair again with a new link.`;
    case 'bad-signature':
      return 'The relay could not verify this device. Reload the page; if it stays, pair again.';
    case 'unsupported-version':
      return 'The relay speaks another version. Update Palmkey on the computer, then reload this page.';
    case 'replaced':
      return 'Another window took over the connection. Reload this page to take it back.';
    case 'too-many-connections':
    case 'rate-limited':
      return `The relay at ${relay} is busy. This device tries again by itself.`;
    case 'draining':
      return `The relay at ${relay} is restarting. This device tries again by itself.`;
    default:
      return `The relay at ${relay} cannot be reached. Check the network, and that the relay is running. This device tries again by itself.`;
  }
}
