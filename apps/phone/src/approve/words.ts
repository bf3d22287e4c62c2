import type { LoginView, Outcome } from '../model/model.ts';

type Unusual = LoginView['unusual'][number];

/** What is unusual, short enough for the button. */
export const unusualWords: Record<Unusual, string> = {
  'new-host': 'new host',
  'other-name': 'known under another name',
  'unnamed-host': 'host without a name',
  unbound: 'no server shown',
  forwarded: 'through another computer',
  'unknown-program': 'unknown program',
};

/** `New host, through another computer` */
export function unusualLine(unusual: readonly Unusual[]): string {
  const line = unusual.map((reason) => unusualWords[reason]).join(', ');
  return line.charAt(0).toUpperCase() + line.slice(1);
}

/** What the computer calls the server, with the port when it is not 22; null when it named none. */
export function hostText(host: LoginView['host']): string | null {
  if (host === null) return null;
  if (host.port === 22) return host.name;
  return host.name.includes(':') ? `[${host.name}]:${host.port}` : `${host.name}:${host.port}`;
}

/** The request in one sentence, for screen readers and titles. */
export function loginSentence({ computer, host, user }: LoginView): string {
  return `${computer.name} asks: log in to ${hostText(host) ?? 'a server without a name'} as ${user}`;
}

/** How a request ended that was not answered here: what happened, then what to do. */
export function overWords(outcome: Outcome, computer: string): { title: string; text: string } {
  switch (outcome) {
    case 'expired':
      return {
        title: 'This request has expired',
        text: `Nothing was signed. Run the command on ${computer} again if you still want it.`,
      };
    case 'withdrawn':
      return { title: `${computer} stopped asking`, text: 'The program ended or no longer waits. Nothing was signed.' };
    case 'approved':
      return { title: 'Approved on another device', text: 'There is nothing left to do here.' };
    case 'rejected':
      return { title: 'Rejected on another device', text: 'Nothing was signed.' };
    case 'failed':
      return {
        title: 'This request failed',
        text: `Nothing was signed. Look at the terminal on ${computer} for the reason.`,
      };
    case 'refused':
      return {
        title: 'This request was refused',
        text: 'It broke a rule, so nothing was signed. History has the reason.',
      };
  }
}
