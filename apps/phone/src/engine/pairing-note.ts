import * as v from 'valibot';
import type { Page } from './ports.ts';

const NAME = 'palmkey-pairing';

const noteSchema = v.strictObject({
  sessionKey: v.string(),
  hostName: v.string(),
  going: v.boolean(),
  used: v.boolean(),
});

/**
 * What is remembered of the last pairing: its link's session key in hexadecimal, whether it is still going on, and
 * whether the link was used up by a hello.
 */
export type PairingNoteContent = Readonly<v.InferOutput<typeof noteSchema>>;

/** This tab's memory of its last pairing: how a reload in the middle is told from a new link. */
export class PairingNote {
  readonly #notes: Page['notes'];

  constructor(notes: Page['notes']) {
    this.#notes = notes;
  }

  /** Null when there is none, or none that this version wrote. */
  read(): PairingNoteContent | null {
    const text = this.#notes.get(NAME);
    if (text === null) return null;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), noteSchema), text);
    return parsed.success ? parsed.output : null;
  }

  /** Writes a new note, or changes the one there is. */
  write(note: Partial<PairingNoteContent>): void {
    this.#notes.set(NAME, JSON.stringify({ ...this.read(), ...note }));
  }
}
