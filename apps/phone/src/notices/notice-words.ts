import type { Previewed } from '@palmkey/core/messages';
import { gitVerb, hostText, namelessSubject, requestSubject, unusualLine } from '../approve/words.ts';
import type { Preview } from '../engine/incoming.ts';
import type { HexId } from '../model/hex-id.ts';
import type { HostKeyState, LoginView, RequestView } from '../model/request-view.ts';
import { formatDate } from '../parts/format.ts';
import { keyTypeWords } from '../parts/key-words.ts';
import { visibleParts } from '../parts/visible-text.ts';
import type { Notice } from './notice.ts';

/** So many answers by permission are named on the one notification that counts them. */
const NAMED = 3;
/** A line longer than this is cut, with a sign that it is; the app shows all of it. */
const MAX_LINE = 120;

const plain = { actions: ['open'], hash: null, lines: [], calls: true } as const;

/** The tag of a request's own notification. */
export function requestTag(hash: HexId): string {
  return `request:${hash}`;
}

/**
 * The question itself: who asks what, with which key, and what is known of the server. `decides`: it may be answered at
 * all; `allow`: with a yes too, from here.
 */
export function questionNotice(
  request: RequestView,
  options: { readonly now: number; readonly decides: boolean; readonly allow: boolean },
): Notice {
  return {
    tag: requestTag(request.hash),
    title: questionTitle(request),
    body: [...bodyLines(request, options.now), ...unusualLines(request)].join('\n'),
    actions: answersOf(options),
    hash: request.hash,
    lines: [],
    calls: true,
  };
}

function answersOf({ decides, allow }: { readonly decides: boolean; readonly allow: boolean }): Notice['actions'] {
  if (!decides) return ['open'];
  return allow ? ['allow', 'reject'] : ['reject', 'open'];
}

/** Behind the app lock, or where the person wants it so: nothing of what is asked. */
export function littleNotice(count: number): Notice {
  const title = count > 1 ? `${count} requests ask for your key` : 'Something asks for your key';
  return { ...plain, tag: 'locked', title, body: 'Open Palmkey to see what it is.' };
}

/** What the computer said of a request that could not be fetched: its word alone. */
export function claimedNotice({ computer, hash, of }: Preview): Notice {
  return {
    ...plain,
    tag: requestTag(hash),
    title: `${visible(computer)} asks for your key`,
    body: `${cut(`It says: ${visible(claimOf(of))}`)}\nNot checked yet. Open Palmkey to see it.`,
    hash,
  };
}

function claimOf(of: Previewed): string {
  switch (of.what) {
    case 'login':
      return `log in to ${hostText(of.server) ?? 'a server without a name'} as ${of.user}`;
    case 'commit':
      return `sign a commit, ${of.subject}`;
    case 'tag':
      return `sign a tag, ${of.subject}`;
    case 'file':
      return `sign a file for ${of.namespace}`;
  }
}

/** Something woke the app, and nothing more could be found out. */
export const unfetchedNotice: Notice = {
  ...plain,
  tag: 'unfetched',
  title: 'Something may ask for your key',
  body: 'Palmkey could not reach the relay. Open it to see.',
};

/** Whatever it was is over. */
export const overNotice: Notice = {
  ...plain,
  tag: 'over',
  title: 'A request is over already',
  body: 'It was answered elsewhere, or its time was up.',
  calls: false,
};

/** How often Palmkey answered by itself, with the last of it; `lines` newest first. */
export function answeredNotice(lines: readonly string[], little: boolean): Notice {
  const times = lines.length === 1 ? 'once' : `${lines.length} times`;
  const named = lines.slice(0, NAMED);
  const more = lines.length - named.length;
  return {
    ...plain,
    tag: 'answered',
    title: `Palmkey answered ${times}`,
    body: little
      ? 'Under permissions that you gave.'
      : [...named, ...(more > 0 ? [`and ${more} more`] : []), 'under your permission'].join('\n'),
    lines,
    calls: false,
  };
}

/** What became of an answer on a notification: done, not sent for want of the relay, to be looked at in the app, too late. */
export type NoticeResult = 'approve' | 'reject' | 'unreached' | 'look' | 'over';

/** Says what became of an answer, in the place of its question. */
export function resultNotice(hash: HexId, result: NoticeResult): Notice {
  const words = {
    approve: ['Allowed', ''],
    reject: ['Rejected', ''],
    unreached: ['Could not reach the relay', 'Open Palmkey: it says so again once it is connected.'],
    look: ['Not answered from here', 'Open Palmkey to see it.'],
    over: ['Too late', 'The request is over.'],
  } as const;
  const [title, body] = words[result];
  return { ...plain, tag: requestTag(hash), title, body, hash, calls: false };
}

/** What the person sees when they try notifications out. */
export const testNotice: Notice = {
  ...plain,
  tag: 'test',
  title: 'This is a test',
  body: 'Notifications of this device work. A real one says who asks and what for.',
};

/** `laptop: log in to prod-3.example.org as deploy` */
export function questionTitle(request: RequestView): string {
  const computer = visible(request.computer.name);
  const subject = visible(requestSubject(request) ?? namelessSubject(request));
  switch (request.kind) {
    case 'login':
      return cut(`${computer}: log in to ${subject} as ${visible(request.user)}`);
    case 'git':
      return cut(`${computer}: ${gitVerb(request).toLowerCase()}, ${subject}`);
    case 'file':
      return cut(`${computer}: sign a file for ${subject}`);
  }
}

function bodyLines(request: RequestView, now: number): readonly string[] {
  const { key } = request;
  const keyLine = `Key ${visible(key.name)} (${keyTypeWords(key.type)})${key.here ? '' : ', on another phone of yours'}`;
  switch (request.kind) {
    case 'login':
      return [`${keyLine} · ${hostKeyWords(request.hostKey, now)}`, ...hopLines(request)];
    case 'git':
      return [keyLine, ...(request.repository === null ? [] : [visible(request.repository.directory)])].map(cut);
    case 'file':
      return [keyLine, 'Only its hash is known.'];
  }
}

function hostKeyWords(hostKey: HostKeyState, now: number): string {
  switch (hostKey.is) {
    case 'pinned':
      return `host key pinned ${formatDate(hostKey.pinnedAt, now)}`;
    case 'new':
      return 'host key new';
    case 'changed':
      return 'HOST KEY CHANGED';
    case 'unnamed':
      return 'host without a name';
    case 'unbound':
      return 'no server shown';
  }
}

function hopLines({ hops }: LoginView): readonly string[] {
  if (hops.length === 0) return [];
  return [cut(`Via ${hops.map(({ name, fingerprint }) => visible(name ?? fingerprint)).join(' → ')}`)];
}

function unusualLines({ unusual }: RequestView): readonly string[] {
  return unusual.length === 0 ? [] : [`Unusual: ${unusualLine(unusual).toLowerCase()}`];
}

/** A literal in which nothing is hidden or reorders what stands around it. */
function visible(text: string): string {
  return visibleParts(text)
    .map((part) => (part.is === 'control' ? `[${part.text}]` : part.text))
    .join('');
}

function cut(text: string): string {
  const letters = Array.from(text);
  return letters.length <= MAX_LINE ? text : `${letters.slice(0, MAX_LINE - 1).join('')}…`;
}

/** A server with its port, as a line of what was answered names it. */
export function answeredLine(entry: {
  readonly computer: string;
  readonly kind: 'login' | 'git' | 'file';
  readonly user: string | null;
  readonly host: string | null;
  readonly subject: string | null;
}): string {
  const { computer, kind, user, host, subject } = entry;
  const what =
    kind === 'login'
      ? `log in to ${host === null ? 'a server without a name' : (hostText({ name: host, port: 22 }) ?? host)} as ${user ?? ''}`
      : `sign ${subject ?? 'a commit'}`;
  return cut(`${visible(computer)}: ${visible(what)}`);
}
