/**
 * The flows of joining, fetched when the first of them is wanted: their cryptography is a good part of the app, and on most
 * days nobody joins. Until one is there its calls wait, and what a later call takes back is not done.
 */
import type { JoiningSuite, JoiningView, LettingInView } from '../../model/account-view.ts';
import type { JoinFlow, JoinFlowDeps } from './join-flow.ts';
import type { LetInFlow } from './let-in-flow.ts';

/** A flow that is fetched once; a fetch that failed is tried again at the next call. */
class Later<Flow> {
  flow: Flow | null = null;
  readonly #fetchFlow: () => Promise<Flow>;
  /** Counts what was begun or taken back: only the last is done. */
  #turn = 0;

  constructor(fetchFlow: () => Promise<Flow>) {
    this.#fetchFlow = fetchFlow;
  }

  async fetch(): Promise<Flow> {
    const flow = await this.#fetchFlow();
    return (this.flow ??= flow);
  }

  /** At once where the flow is there; `onFailed` where it cannot be fetched. */
  begin(work: (flow: Flow) => void, onWait: () => void, onFailed: () => void): void {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.flow !== null) {
      work(this.flow);
      return;
    }
    onWait();
    this.fetch().then(
      (flow) => {
        if (this.#turn === turn) work(flow);
      },
      () => {
        if (this.#turn === turn) onFailed();
      },
    );
  }

  /** What waits for the flow is not done any more. */
  takeBack(): void {
    this.#turn += 1;
  }
}

/** The app's own files could not be had, as when it was just updated without a network. */
const notFetched = { is: 'failed', code: 'unreachable', step: null, theirs: null } as const;

/** {@link JoinFlow}, fetched later. */
export class LaterJoinFlow {
  readonly #later: Later<JoinFlow>;
  readonly #deps: JoinFlowDeps;

  constructor(deps: JoinFlowDeps) {
    this.#deps = deps;
    this.#later = new Later(async () => {
      const module = await deps.ports.fetchFlows.join();
      return new module.JoinFlow(deps);
    });
  }

  /** Takes up what was saved before a crash, if there is something. */
  async resume(): Promise<void> {
    if ((await this.#deps.saved.read()) !== null) await (await this.#later.fetch()).resume();
  }

  get isUncertain(): boolean {
    return this.#later.flow?.isUncertain ?? false;
  }

  join(text: string): void {
    this.#begin((flow) => flow.join(text));
  }

  showSecret(): void {
    this.#begin((flow) => flow.showSecret());
  }

  name(name: string): void {
    this.#later.flow?.name(name);
  }

  cancel(): void {
    this.#later.takeBack();
    if (this.#later.flow === null) this.#show({ is: 'none' });
    else this.#later.flow.cancel();
  }

  dismiss(): void {
    if (this.#later.flow === null) this.#show({ is: 'none' });
    else this.#later.flow.dismiss();
  }

  close(): void {
    this.#later.takeBack();
    this.#later.flow?.close();
  }

  interrupt(): void {
    this.#later.flow?.interrupt();
  }

  #begin(work: (flow: JoinFlow) => void): void {
    const wait = (): void => this.#show({ is: 'preparing' });
    this.#later.begin(work, wait, () => this.#show(notFetched));
  }

  #show(view: JoiningView): void {
    this.#deps.show(view);
  }
}

/** {@link LetInFlow}, fetched later. */
export class LaterLetInFlow {
  readonly #later: Later<LetInFlow>;
  readonly #show: (view: LettingInView) => void;

  constructor(fetchFlow: () => Promise<LetInFlow>, show: (view: LettingInView) => void) {
    this.#later = new Later(fetchFlow);
    this.#show = show;
  }

  letIn(how: JoiningSuite): void {
    this.#begin((flow) => flow.letIn(how));
  }

  enter(text: string): void {
    this.#begin((flow) => flow.enter(text));
  }

  answer(yes: boolean): void {
    this.#later.flow?.answer(yes);
  }

  cancel(): void {
    this.#later.takeBack();
    if (this.#later.flow === null) this.#show({ is: 'none' });
    else this.#later.flow.cancel();
  }

  dismiss(): void {
    if (this.#later.flow === null) this.#show({ is: 'none' });
    else this.#later.flow.dismiss();
  }

  close(): void {
    this.#later.takeBack();
    this.#later.flow?.close();
  }

  interrupt(): void {
    this.#later.flow?.interrupt();
  }

  #begin(work: (flow: LetInFlow) => void): void {
    const wait = (): void => this.#show({ is: 'preparing' });
    this.#later.begin(work, wait, () => this.#show(notFetched));
  }
}
