/**
 * The flows of joining, fetched when the first of them is wanted: their cryptography is a good part of the app, and on most
 * days nobody joins. Until one is there its calls wait, and what a later call takes back is not done.
 */
import type { JoiningSuite } from '../../model/account-view.ts';
import type { JoinFlow, JoinFlowDeps } from './join-flow.ts';
import type { LetInFlow } from './let-in-flow.ts';

/** What both flows can be told at any time. */
interface Flow {
  cancel(): void;
  dismiss(): void;
  close(): void;
  interrupt(): void;
}

/** What is shown while there is no flow; `failed`: the app's own files could not be had, as when it was just updated without a network. */
type WithoutFlow =
  | { readonly is: 'none' }
  | { readonly is: 'preparing' }
  | { readonly is: 'failed'; readonly code: 'unreachable'; readonly step: null; readonly theirs: null };

/** A flow that is fetched once; a fetch that failed is tried again at the next call. */
class LaterFlow<Fetched extends Flow> {
  protected flow: Fetched | null = null;
  readonly #fetchFlow: () => Promise<Fetched>;
  readonly #show: (view: WithoutFlow) => void;
  /** Counts what was begun or taken back: only the last is done. */
  #turn = 0;

  constructor(fetchFlow: () => Promise<Fetched>, show: (view: WithoutFlow) => void) {
    this.#fetchFlow = fetchFlow;
    this.#show = show;
  }

  cancel(): void {
    this.#turn += 1;
    if (this.flow === null) this.#show({ is: 'none' });
    else this.flow.cancel();
  }

  dismiss(): void {
    if (this.flow === null) this.#show({ is: 'none' });
    else this.flow.dismiss();
  }

  close(): void {
    this.#turn += 1;
    this.flow?.close();
  }

  interrupt(): void {
    this.flow?.interrupt();
  }

  protected async fetch(): Promise<Fetched> {
    const flow = await this.#fetchFlow();
    return (this.flow ??= flow);
  }

  /** At once where the flow is there. */
  protected begin(work: (flow: Fetched) => void): void {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.flow !== null) {
      work(this.flow);
      return;
    }
    this.#show({ is: 'preparing' });
    this.fetch().then(
      (flow) => {
        if (this.#turn === turn) work(flow);
      },
      () => {
        if (this.#turn === turn) this.#show({ is: 'failed', code: 'unreachable', step: null, theirs: null });
      },
    );
  }
}

/** {@link JoinFlow}, fetched later. */
export class LaterJoinFlow extends LaterFlow<JoinFlow> {
  readonly #saved: JoinFlowDeps['saved'];

  constructor(deps: JoinFlowDeps) {
    super(async () => {
      const module = await deps.ports.fetchFlows.join();
      return new module.JoinFlow(deps);
    }, deps.show);
    this.#saved = deps.saved;
  }

  /** Takes up what was saved before a crash, if there is something. */
  async resume(): Promise<void> {
    if ((await this.#saved.read()) !== null) await (await this.fetch()).resume();
  }

  get isUncertain(): boolean {
    return this.flow?.isUncertain ?? false;
  }

  join(text: string): void {
    this.begin((flow) => flow.join(text));
  }

  showSecret(): void {
    this.begin((flow) => flow.showSecret());
  }

  name(name: string): void {
    this.flow?.name(name);
  }
}

/** {@link LetInFlow}, fetched later. */
export class LaterLetInFlow extends LaterFlow<LetInFlow> {
  letIn(how: JoiningSuite): void {
    this.begin((flow) => flow.letIn(how));
  }

  enter(text: string): void {
    this.begin((flow) => flow.enter(text));
  }

  answer(yes: boolean): void {
    this.flow?.answer(yes);
  }
}
