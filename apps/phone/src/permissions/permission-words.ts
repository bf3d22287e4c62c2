import { hostText } from '../approve/words.ts';
import { visibleParts } from '../parts/visible-text.ts';
import type { PermissionScope, PermissionView } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';

/** `30 min`, `3 h`. */
export function minutesWords(minutes: number): string {
  return minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
}

/** Time left: `2 h 05 min`, `41 min`, and within the last minute `12 s`. */
export function leftWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A scope as a choice beside others. */
export const scopeNames: Record<PermissionScope, string> = {
  server: 'This host',
  computer: 'Everything from this computer',
  commits: 'Commits and tags',
};

/** A literal inside a sentence: hidden characters by their names, and no longer than a line or two. */
function plainly(text: string): string {
  const shown = visibleParts(text.slice(0, 80))
    .map((part) => part.text)
    .join('');
  return text.length > 80 ? `${shown}…` : shown;
}

/** What a permission would allow, and what is asked all the same: said before it is given. */
export function scopeWords(scope: PermissionScope, request: RequestView): { allows: string; asks: string } {
  const { computer, key } = request;
  switch (scope) {
    case 'server': {
      const host = request.kind === 'login' ? plainly(hostText(request.host) ?? 'this server') : 'this server';
      const user = request.kind === 'login' ? plainly(request.user) : '';
      const through = request.kind === 'login' && request.hops.length > 0 ? ', through exactly these servers' : '';
      return {
        allows: `${computer.name} may log in to ${host} as ${user} with ${key.name}${through}, as often as it likes.`,
        asks: 'Another user, another key, another way there, or a changed host key.',
      };
    }
    case 'computer':
      return {
        allows: `${computer.name} may log in to every server whose host key you have pinned, and sign commits and tags, with any key of this device.`,
        asks: 'New or changed servers, logins through other servers, programs that show no server, and files.',
      };
    case 'commits':
      return {
        allows: `${computer.name} may sign commits and tags with ${key.name}, in any repository.`,
        asks: 'Logins, and files.',
      };
  }
}

/** What a permission that holds allows, as one line. */
export function permissionTitle({ scope }: PermissionView): string {
  switch (scope.is) {
    case 'server':
      return hostText(scope.host) ?? scope.host.name;
    case 'computer':
      return scopeNames.computer;
    case 'commits':
      return scopeNames.commits;
  }
}

/** How often it was used. */
export function usesWords({ uses }: PermissionView): string {
  if (uses === 0) return 'Not used yet';
  return uses === 1 ? 'Used once' : `Used ${uses} times`;
}
