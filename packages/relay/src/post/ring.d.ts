/** A queue that is also read by position; every step takes the same time however long it is. */
export declare class Ring<T> {
    #private;
    get length(): number;
    /** The item `index` places behind the first; undefined where there is none. */
    at(index: number): T | undefined;
    push(item: T): void;
    /** Takes the first item off. */
    shift(): T | undefined;
    /** Leaves only what `keeps` says yes to, in its order, and no more room than that needs. */
    retain(keeps: (item: T, index: number) => boolean): void;
    /** Empties it; room beyond 256 items is given back. */
    clear(): void;
}
