import type { HistoryEntry, Outcome } from '../model/model.ts';
import type { GitView, LoginView, RequestView, Unusual } from '../model/request-view.ts';

/** What is unusual, short enough for the button. */
const unusualWords: Record<Unusual, string> = {
  'new-host': 'new host',
  'other-name': 'known under another name',
  'unnamed-host': 'host without a name',
  unbound: 'no server shown',
  forwarded: 'through another computer',
  'unknown-program': 'unknown program',
  'bad-certificate': 'its certificate does not hold',
  'hidden-characters': 'hidden characters in the text',
  'hash-only': 'only a hash is known',
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

/** What a git request is for, as a verb. */
export function gitVerb({ object }: GitView): string {
  if (object === null) return 'Sign for git';
  return object.is === 'commit' ? 'Sign a commit' : 'Sign a tag';
}

/** What a request is about: literal text for lists, or null where there is nothing to name. */
export function requestSubject(request: RequestView): string | null {
  switch (request.kind) {
    case 'login':
      return hostText(request.host);
    case 'git':
      return request.object?.subject ?? null;
    case 'file':
      return request.namespace;
  }
}

/** The same where there is nothing to name. */
export function namelessSubject({ kind }: RequestView): string {
  switch (kind) {
    case 'login':
      return 'a server without a name';
    case 'git':
      return 'a text that is still loading';
    case 'file':
      return 'a file';
  }
}

/** The request in one sentence, for screen readers and titles. */
export function requestSentence(request: RequestView): string {
  const subject = requestSubject(request) ?? namelessSubject(request);
  switch (request.kind) {
    case 'login':
      return `${request.computer.name} asks: log in to ${subject} as ${request.user}`;
    case 'git':
      return `${request.computer.name} asks: ${gitVerb(request).toLowerCase()}, ${subject}`;
    case 'file':
      return `${request.computer.name} asks: sign a file for ${subject}`;
  }
}

/** Can it be decided with a yes here: everything of it has come. */
export function isWhole(request: RequestView): boolean {
  return request.kind !== 'git' || request.object !== null;
}

/** How a request ended that was not answered here: what happened, then what to do. */
export function overWords(
  { outcome, by }: { readonly outcome: Outcome; readonly by: HistoryEntry['by'] },
  computer: string,
): { title: string; text: string } {
  if (by === 'permission' && outcome === 'approved') {
    return {
      title: 'Approved by your permission',
      text: 'What you allowed covers it. There is nothing left to do here.',
    };
  }
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
    case 'passed':
      return {
        title: `${computer} goes on with another key`,
        text: 'Another device said so. Nothing was signed with this one.',
      };
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
