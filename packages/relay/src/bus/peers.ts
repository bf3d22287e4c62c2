import type { ListPart } from './announcement.ts';
import type { Presence } from './directory.ts';

interface Peer {
  heardAt: number;
  /** The number of its last announcement that was heard with all before; -1 until its list has come. */
  seqno: number;
  askedAt: number;
  /** The parts of a list that is coming in, all said at one seqno. */
  parts: { seqno: number; next: number; presences: Presence[] } | null;
}

/** The other nodes, and how much of what each said was heard. */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  /** A node said something at this time; true if it was not known. */
  heard(node: string, now: number): boolean {
    const peer = this.#peers.get(node);
    if (peer) peer.heardAt = now;
    else this.#peers.set(node, { heardAt: now, seqno: -1, askedAt: -Infinity, parts: null });
    return !peer;
  }

  /** Takes note of a counted announcement; false where it, and all before, are known already. */
  isNews(node: string, seqno: number): boolean {
    const peer = this.#peers.get(node);
    if (!peer || peer.seqno === -1) return true;
    if (seqno === peer.seqno + 1) peer.seqno = seqno;
    return seqno >= peer.seqno;
  }

  /** Whether a node's list has to be asked for: it has said more than was heard, and it was not asked within `everyMs`. */
  shouldAsk(node: string, seqno: number, now: number, everyMs: number): boolean {
    const peer = this.#peers.get(node);
    if (!peer || peer.seqno >= seqno || now - peer.askedAt < everyMs) return false;
    peer.askedAt = now;
    return true;
  }

  /** Everything that was heard from the others may be incomplete. */
  doubtAll(): void {
    for (const peer of this.#peers.values()) Object.assign(peer, { seqno: -1, askedAt: -Infinity, parts: null });
  }

  /** Takes in a part of a node's list; the devices once it is whole. A part that does not follow ends the attempt. */
  addPart(node: string, seqno: number, list: ListPart): readonly Presence[] | null {
    const peer = this.#peers.get(node);
    if (!peer) return null;
    if (list.part === 0) peer.parts = { seqno, next: 0, presences: [] };
    const { parts } = peer;
    if (parts?.seqno !== seqno || parts.next !== list.part) {
      peer.parts = null;
      return null;
    }
    parts.next++;
    for (const presence of list.presences) parts.presences.push(presence);
    if (!list.last) return null;
    peer.parts = null;
    peer.seqno = Math.max(peer.seqno, seqno);
    return parts.presences;
  }

  /** Forgets those that were not heard since `since`, and names them. */
  takeSilent(since: number): string[] {
    const silent = [...this.#peers].filter(([, peer]) => peer.heardAt < since).map(([node]) => node);
    for (const node of silent) this.#peers.delete(node);
    return silent;
  }

  /** Nobody is silent for having not been heard until now: this node itself was not listening. */
  excuseAll(now: number): void {
    for (const peer of this.#peers.values()) peer.heardAt = now;
  }

  remove(node: string): void {
    this.#peers.delete(node);
  }
}
