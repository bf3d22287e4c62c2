import * as v from 'valibot';
import type { HexId } from '../model/hex-id.ts';
import type { Notice, NoticeAction, NoticeBoard } from './notice.ts';

/** What the Notifications API knows and TypeScript's libraries do not list (https://notifications.spec.whatwg.org/). */
interface ActionOptions extends NotificationOptions {
  readonly actions: readonly { readonly action: NoticeAction; readonly title: string }[];
  readonly renotify: boolean;
}

const titles: Record<NoticeAction, string> = { allow: 'Allow', reject: 'Reject', open: 'Open' };

const data = v.object({
  hash: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  lines: v.array(v.string()),
});

/** What a notification carries; nothing where it carries something else, as of another version of the app. */
export function parseNoticeData(value: unknown): { readonly hash: HexId | null; readonly lines: readonly string[] } {
  const parsed = v.safeParse(data, value);
  return parsed.success ? parsed.output : { hash: null, lines: [] };
}

/** The notifications of a service worker's registration: of the page that asks for it, or the worker's own. */
export function webBoard(registration: () => Promise<ServiceWorkerRegistration | null>): NoticeBoard {
  const standing = async (tag?: string): Promise<readonly Notification[]> =>
    (await (await registration())?.getNotifications(tag === undefined ? {} : { tag })) ?? [];
  return {
    show: async (notice) => {
      if (Notification.permission !== 'granted') return;
      await (await registration())?.showNotification(notice.title, optionsOf(notice));
    },
    close: async (tag) => {
      for (const notification of await standing(tag)) notification.close();
    },
    standing: async () =>
      (await standing()).map((notification) => ({ tag: notification.tag, ...parseNoticeData(notification.data) })),
  };
}

function optionsOf({ tag, body, actions, hash, lines, calls }: Notice): ActionOptions {
  return {
    tag,
    body,
    icon: '/icons/app-192.png',
    badge: '/icons/badge-96.png',
    // A question stays until it is answered or over; where one replaces another, it calls again only when it is to.
    requireInteraction: calls,
    renotify: calls,
    silent: !calls,
    actions: actions.map((action) => ({ action, title: titles[action] })),
    data: { hash, lines },
  };
}
