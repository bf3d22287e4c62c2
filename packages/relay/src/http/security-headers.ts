import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const NOTHING_BUT_THE_CAMERA = 'camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()';

/** What a browser may do with the app: its own code and nothing else, but sockets to any relay that a link names. */
export async function securityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'font-src': ["'self'"],
        'manifest-src': ["'self'"],
        'worker-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'media-src': ["'self'", 'blob:'],
        'connect-src': ["'self'", 'ws:', 'wss:', 'http:', 'https:'],
        'base-uri': ["'none'"],
        // A sign-in is posted by the app to whichever relay a pairing names, and that one sends it on.
        'form-action': ['http:', 'https:'],
        'frame-ancestors': ["'none'"],
      },
    },
    // With `no-referrer` a browser names no origin on a form that the app posts, and a sign-in must have one (Fetch,
    // "append a request `Origin` header"). No path leaves the app.
    referrerPolicy: { policy: 'strict-origin' },
    // TLS ends before the relay; whoever ends it says for how long.
    strictTransportSecurity: false,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('permissions-policy', NOTHING_BUT_THE_CAMERA);
    done();
  });
}
