/** What JetStream said to a message. */
export type PostAnswer = {
    readonly kind: 'taken';
    readonly sequence: number;
    readonly duplicate: boolean;
} | {
    readonly kind: 'full';
}
/** `503 no responders`: the stream has no leader now, and nobody has the message. */
 | {
    readonly kind: 'nobody';
} | {
    readonly kind: 'failed';
};
/** Reads an answer to a publish; anything that is none is `failed`. */
export declare function parsePostAnswer(bytes: Uint8Array): PostAnswer;
