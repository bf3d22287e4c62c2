import type { RequestView } from '../../model/request-view.ts';
import { canPass, coverableOf, type InboxDeps } from '../inbox-parts.ts';
import { offersOf } from '../permissions/coverage.ts';
import type { Waiting } from '../request-shelf.ts';
import { requestView } from './request-view.ts';

/** The screens of what waits, in its order. `here`: how many bytes of a row's text are here. */
export function waitingViews(
  { state, book, protocol }: Pick<InboxDeps, 'state' | 'book' | 'protocol'>,
  all: readonly Waiting[],
  here: (id: string) => number,
): readonly RequestView[] {
  return all.flatMap((waiting) => {
    const { row, key } = waiting;
    const coverable = coverableOf(waiting, state);
    const view = requestView(waiting, {
      computer: { id: row.host, name: state.computerName(row.host) },
      // Its name may have changed since.
      keyName: state.keys.find(({ id }) => id === key?.id)?.name ?? key?.name ?? '',
      pins: state.pinBook,
      offers: coverable === null || book.isFull ? [] : offersOf(coverable),
      canPass: canPass(waiting, protocol),
      here: here(row.id),
    });
    return view === null ? [] : [view];
  });
}
