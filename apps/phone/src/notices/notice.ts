import type { HexId } from '../model/hex-id.ts';

/** What a person can press on a notification, beside the notification itself. */
export type NoticeAction = 'allow' | 'reject' | 'open';

/** A notification as it stands, or shall stand. */
export interface Notice {
  /** One stands for each tag: another of the same takes its place. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly actions: readonly NoticeAction[];
  /** The request that it is about. */
  readonly hash: HexId | null;
  /** What was answered by permission, newest first; for the one that counts them. */
  readonly lines: readonly string[];
  /** Calls for the person; otherwise it appears without a sound. */
  readonly calls: boolean;
}

/** The browser's notifications of this app. */
export interface NoticeBoard {
  /** Shows it in place of the one with its tag. Does nothing where the browser allows no notifications. */
  show(notice: Notice): Promise<void>;
  close(tag: string): Promise<void>;
  /** What stands there now. */
  standing(): Promise<readonly Pick<Notice, 'tag' | 'hash' | 'lines'>[]>;
}
