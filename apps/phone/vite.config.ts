import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * What a page of the app may load and reach. `connect-src` is open because a pairing may name any relay.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self' http: https: ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  // A sign-in is a form that the browser itself posts to whichever relay a pairing names, and that one sends it on.
  'form-action http: https:',
].join('; ');

function policyInPage(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

function versionOf(packageFile: string): string {
  const parsed: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  throw new Error('package.json names no version');
}

/**
 * `vite build` makes the app; `vite build --mode gallery` makes every screen over the fixture model. Any other mode is the
 * app without its service worker.
 */
export default defineConfig(({ mode }) => {
  const gallery = mode === 'gallery';
  return {
    root: here,
    publicDir: 'public',
    define: { __APP_VERSION__: JSON.stringify(versionOf(`${here}package.json`)) },
    build: {
      outDir: gallery ? '.cache/gallery' : 'dist',
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rolldownOptions: { input: gallery ? `${here}gallery.html` : `${here}index.html` },
    },
    plugins: [
      react(),
      tailwindcss(),
      policyInPage(),
      mode === 'production' &&
        VitePWA({
          strategies: 'injectManifest',
          srcDir: 'src',
          filename: 'service-worker.ts',
          injectRegister: false,
          // The patterns below name them already; a file listed twice would stop the worker from installing.
          includeManifestIcons: false,
          injectManifest: { globPatterns: ['**/*.{html,js,css,svg,png}'] },
          manifest: {
            id: '/',
            name: 'Palmkey',
            short_name: 'Palmkey',
            description: 'Your SSH keys live here. Computers ask; you answer.',
            start_url: '/',
            scope: '/',
            display: 'standalone',
            background_color: '#f3f6f4',
            theme_color: '#0a5c44',
            icons: [
              { src: '/icons/app-192.png', sizes: '192x192', type: 'image/png' },
              { src: '/icons/app-512.png', sizes: '512x512', type: 'image/png' },
              { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
              { src: '/icons/palmkey.svg', sizes: 'any', type: 'image/svg+xml' },
            ],
          },
        }),
    ],
  };
});
