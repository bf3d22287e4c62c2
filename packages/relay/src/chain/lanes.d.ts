/** Work that is done one after the other under the same name. */
export declare class Lanes {
    #private;
    /** Runs `work` when what came before it under this name has ended, well or not. */
    run<T>(name: string, work: () => Promise<T>): Promise<T>;
}
