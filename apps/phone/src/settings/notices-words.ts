import type { ComputerView, NoticesView } from '../model/model.ts';

interface Words {
  readonly title: string;
  readonly text: string;
}

/** What stands in the way of notifications in this browser, then what to do; null when nothing does. */
export function standingWords(standing: NoticesView['standing']): Words | null {
  switch (standing) {
    case 'unsupported':
      return {
        title: 'This browser cannot be woken',
        text: 'It has no Web Push, or this page is open in a private window. Keep Palmkey open while you work.',
      };
    case 'install-first':
      return {
        title: 'Install Palmkey first',
        text: 'On iPhone and iPad only the installed app can be woken. It keeps keys of its own: pair it there.',
      };
    case 'denied':
      return {
        title: 'Notifications are blocked',
        text: 'Allow them for this site in the browser’s settings, then come back to this page.',
      };
    case 'unasked':
    case 'allowed':
    case null:
      return null;
  }
}

/** Why notifications could not be switched on or off, by a WakingError's code. */
export function switchProblem(code: string | null): Words {
  switch (code) {
    case 'denied':
      return { title: 'Not allowed', text: 'The browser was not allowed to show notifications. Nothing was changed.' };
    case 'no-key':
      return {
        title: 'Your relay wakes no devices',
        text: 'Whoever runs it can switch push on. Until then, keep Palmkey open while you work.',
      };
    case 'unreachable':
      return { title: 'The relay cannot be reached', text: 'Check the network, then try again.' };
    case 'unsupported':
    case 'install-first':
    case 'failed':
      return {
        title: 'The browser could not subscribe',
        text: 'Its push service did not answer, or is switched off in its settings. Try again later.',
      };
    default:
      return { title: 'Not changed', text: 'It could not be saved. Reload the page and try again.' };
  }
}

/** By whom this device is woken, and whether that works. */
export function wakesWords({ relay, wakes }: NoticesView): string {
  const by = relay ?? 'The relay';
  switch (wakes) {
    case 'fine':
      return `${by} wakes this device.`;
    case 'refused':
      return `${by} does not speak to this browser’s push service. Whoever runs it can allow it.`;
    case 'failed':
      return `${by} could not be told yet. It is tried again with the next connection.`;
    case 'no-key':
      return `${by} wakes no devices any more. Whoever runs it can switch push on.`;
    case 'lost':
      return 'The browser’s push service does not answer. Look at its settings, then switch notifications off and on again.';
  }
}

/** Which computers cannot wake this device because they are at another relay; null when there are none. */
export function otherRelaysWords({ relay }: NoticesView, computers: readonly ComputerView[]): string | null {
  const others = computers.filter((computer) => relay !== null && computer.relay !== relay).map(({ name }) => name);
  if (others.length === 0) return null;
  return `A browser can be woken by one relay only, so ${others.join(', ')} cannot wake this device.`;
}
