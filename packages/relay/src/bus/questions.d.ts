import type { Clock } from '../clock.ts';
/** Yes-or-no questions that other nodes were asked. Where no answer comes it is no. */
export declare class Questions {
    #private;
    constructor(clock: Clock);
    /** `send` asks, under the token that the answer will name. Resolves with no at once where too many wait. */
    ask(send: (token: number) => void): Promise<boolean>;
    /** The answer to the question with this token; one that came too late means nothing. */
    answered(token: number, answer: boolean): void;
    /** Nobody will answer any more. */
    giveUpAll(): void;
}
