/// <reference types="vite/client" />
/** What stands for vectors/page.ts in a page, which has no files to read: the same pages, bundled. */

const pages: Record<string, unknown> = import.meta.glob('../../vectors/*.json', { eager: true, import: 'default' });

/** A page of vectors by its name. Throws if there is none. */
export function readPage(name: string): unknown {
  const page = pages[`../../vectors/${name}.json`];
  if (page === undefined) throw new Error(`there is no page of vectors called ${name}`);
  return structuredClone(page);
}
