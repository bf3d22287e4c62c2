import type { NoticesRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { PhoneState } from './phone-state.ts';
import type { Turns } from './turns.ts';

/** What choices are kept with. */
export interface ChoicesDeps {
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
}

/** What the person chose or was told, apart from keys and computers, and what they take back. */
export class Choices {
  readonly #deps: ChoicesDeps;

  constructor(deps: ChoicesDeps) {
    this.#deps = deps;
  }

  /** How notifications are to be. */
  async setNotices(change: Partial<Omit<NoticesRow, 'id'>>): Promise<void> {
    const { state, store, turns } = this.#deps;
    await turns.exclusively(async () => {
      state.notices = await store.transact('write', ['notices'], async (transaction) => {
        const row = { ...((await transaction.get('notices', 'notices')) ?? state.notices), ...change };
        await transaction.put('notices', row);
        return row;
      });
    });
    state.publish();
  }

  /** They know that they need a second way to their servers. */
  async acknowledgeSecondWay(): Promise<void> {
    const { state, store, turns } = this.#deps;
    await turns.exclusively(async () => {
      await store.transact('write', ['settings'], async (transaction) => {
        const lock = (await transaction.get('settings', 'settings'))?.lock ?? null;
        await transaction.put('settings', { id: 'settings', secondWayAcknowledged: true, lock });
      });
      state.secondWayAcknowledged = true;
    });
    state.publish();
  }

  /** Takes the pins of all of a server's keys under this name and port away. */
  async forgetPin(host: { readonly name: string; readonly port: number }): Promise<void> {
    const { state, store, turns } = this.#deps;
    await turns.exclusively(async () => {
      const ids = [...state.pins.values()]
        .filter((pin) => pin.name === host.name && pin.port === host.port)
        .map(({ id }) => id);
      await store.transact('write', ['pins'], async (transaction) => {
        for (const id of ids) await transaction.delete('pins', id);
      });
      for (const id of ids) state.pins.delete(id);
    });
    state.publish();
  }
}
