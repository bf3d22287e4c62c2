import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { access } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { RelayStartError } from '../errors.ts';

/** Files under this folder carry a hash of their content in their names. */
const HASHED = `${sep}assets${sep}`;
/** The app's worker that computes scrypt, and alone compiles WebAssembly; a worker goes by the policy of its own file. */
const SCRYPT_WORKER = /^scrypt-worker-[\w-]+\.js$/;
const SCRYPT_WORKER_POLICY = "default-src 'none';script-src 'self' 'wasm-unsafe-eval';frame-ancestors 'none'";

/** Serves the app's files, and `index.html` for each of its own addresses. Throws {@link RelayStartError} `no-app`. */
export async function appFiles(app: FastifyInstance, folder: string): Promise<void> {
  const root = resolve(folder);
  try {
    await access(join(root, 'index.html'));
  } catch (error) {
    throw new RelayStartError('no-app', 'the folder of the app has no index.html', error);
  }
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.slice(root.length).startsWith(HASHED);
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      if (hashed && SCRYPT_WORKER.test(basename(path))) reply.header('content-security-policy', SCRYPT_WORKER_POLICY);
    },
  });
}

/** Answers what no route has: the app for a browser that navigates, otherwise 404. */
export function answerNotFound(app: FastifyInstance, servesApp: boolean): void {
  app.setNotFoundHandler((request, reply) => {
    const navigates = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (servesApp && navigates && !request.url.startsWith('/v1/')) return reply.sendFile('index.html');
    return reply.code(404).send({ error: 'not-found', message: 'nothing here' });
  });
}
