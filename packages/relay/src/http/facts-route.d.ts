import type { FastifyInstance } from 'fastify';
/** What a relay says of itself to whoever asks. */
export interface RelayFacts {
    /** How it admits devices that it does not know. */
    readonly admission: readonly ('open' | 'invitation' | 'github')[];
    /** It is the relay of one computer, which lets devices in as they pair with it. */
    readonly own: boolean;
    /** Its VAPID public key, base64url; null where it does not push. */
    readonly pushKey: string | null;
}
/** `GET /v1/relay` (spec/relay.md, "Other HTTP"); an app of any origin may ask. */
export declare function factsRoute(app: FastifyInstance, { admission, own, pushKey }: RelayFacts): void;
