import type { FastifyInstance } from 'fastify';
/** Serves the app's files, and `index.html` for each of its own addresses. Throws {@link RelayStartError} `no-app`. */
export declare function appFiles(app: FastifyInstance, folder: string): Promise<void>;
/** Answers what no route has: the app for a browser that navigates, otherwise 404. */
export declare function answerNotFound(app: FastifyInstance, servesApp: boolean): void;
