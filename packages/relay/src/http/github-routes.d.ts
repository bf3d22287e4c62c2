import type { FastifyInstance } from 'fastify';
import { type GithubSignIn } from '../github/sign-in.ts';
/** What the routes of this file work with. */
export interface GithubRoutesPorts {
    readonly signIn: GithubSignIn;
    /** The relay's own origins; asked each time. */
    readonly origins: () => readonly string[];
    /** Further origins that the app is served from. */
    readonly appOrigins: readonly string[];
}
/** Signing in with GitHub (spec/relay.md, "Admission"). */
export declare function githubRoutes(app: FastifyInstance, ports: GithubRoutesPorts): Promise<void>;
