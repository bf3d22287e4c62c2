import type { PhoneSnapshot } from './model.ts';

/** A screen of the gallery: where it is, and what the model says there. */
export interface GalleryScreen {
  readonly path: string;
  readonly snapshot: PhoneSnapshot;
}
