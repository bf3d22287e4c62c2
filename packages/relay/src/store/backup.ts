import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PalmkeyError } from '@palmkey/envelope';
import { Kysely, sql } from 'kysely';
import * as v from 'valibot';
import { STORE_VERSION } from './migrate.ts';
import type { Schema } from './schema.ts';
import { sqliteReader } from './sqlite.ts';

/** Why a backup is not made, or not restored. Nothing is changed then. */
export type BackupFault =
  /** There is no store to back up. */
  | 'no-such-store'
  /** Something stands where the backup should go. */
  | 'backup-exists'
  /** The disk is full, or the folder cannot be written to. */
  | 'backup-not-written'
  /** The file, or what is to stand beside it, cannot be read. */
  | 'no-backup'
  /** The file is not the one that was written, or no store. */
  | 'backup-damaged'
  /** A newer program made it. */
  | 'newer-backup';

/** Thrown by {@link backUp} and {@link restore}; `path` is the file that it is about. */
export class BackupError extends PalmkeyError {
  override readonly name = 'BackupError';
  readonly code: BackupFault;
  readonly path: string;

  constructor(code: BackupFault, path: string, cause?: unknown) {
    super(code, cause === undefined ? {} : { cause });
    this.code = code;
    this.path = path;
  }
}

const manifestSchema = v.object({
  format: v.literal('palmkey-relay-backup/1'),
  createdAt: v.number(),
  storeVersion: v.number(),
  bytes: v.number(),
  /** Of the file beside which this stands, hex. */
  sha256: v.string(),
  devices: v.number(),
  accounts: v.number(),
});

/** What stands beside a backup, as JSON. */
export type Manifest = v.InferOutput<typeof manifestSchema>;

/** Where the manifest of a backup stands. */
export function manifestPath(file: string): string {
  return `${file}.json`;
}

/**
 * Copies a SQLite store to `file` as it is at one moment, while a relay may go on writing to it (`VACUUM INTO`,
 * https://sqlite.org/lang_vacuum.html), with a manifest beside it. Throws {@link BackupError}.
 */
export async function backUp(store: string, file: string, now: number): Promise<Manifest> {
  if (!existsSync(store)) throw new BackupError('no-such-store', store);
  for (const path of [file, manifestPath(file)]) {
    if (existsSync(path)) throw new BackupError('backup-exists', path);
  }
  try {
    await withStore(store, (db) => sql`VACUUM INTO ${file}`.execute(db));
    await chmod(file, 0o600);
    await syncToDisk(file);
    const copied = await withStore(file, (db) => factsOf(db));
    const manifest: Manifest = {
      format: 'palmkey-relay-backup/1',
      createdAt: now,
      ...copied,
      ...(await sumOf(file)),
    };
    await writeFile(manifestPath(file), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await syncToDisk(manifestPath(file));
    return manifest;
  } catch (error) {
    await rm(file, { force: true });
    throw error instanceof BackupError ? error : new BackupError('backup-not-written', file, error);
  }
}

/** Reads a backup's manifest and checks the file against it, byte for byte. Throws {@link BackupError}. */
export async function checkBackup(file: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(manifestPath(file), 'utf8');
  } catch (error) {
    throw new BackupError('no-backup', manifestPath(file), error);
  }
  const manifest = v.safeParse(manifestSchema, jsonOf(text));
  if (!manifest.success) throw new BackupError('backup-damaged', manifestPath(file));
  const { sha256, storeVersion } = manifest.output;
  if (storeVersion > STORE_VERSION) throw new BackupError('newer-backup', file);
  const sum = await sumOf(file).catch((error: unknown) => {
    throw new BackupError('no-backup', file, error);
  });
  if (sum.sha256 !== sha256) throw new BackupError('backup-damaged', file);
  return manifest.output;
}

/** What {@link restore} did. */
export interface Restored {
  readonly manifest: Manifest;
  /** Where the store that stood there is kept; null where there was none. */
  readonly former: string | null;
}

/**
 * Puts a backup in the place of a store that no relay has open. The former store is kept beside it, with `suffix` after
 * its name. Throws {@link BackupError}, and then the former store is where it was.
 */
export async function restore(file: string, store: string, suffix: string): Promise<Restored> {
  const manifest = await checkBackup(file);
  const fresh = `${store}.restoring`;
  try {
    await rm(fresh, { force: true });
    await copyFile(file, fresh);
    await syncToDisk(fresh);
    await withStore(fresh, (db) => checkWhole(db, file));
    const former = existsSync(store) ? `${store}${suffix}` : null;
    if (former !== null) await moveStore(store, former);
    await rename(fresh, store);
    await syncToDisk(dirname(store));
    return { manifest, former };
  } catch (error) {
    await rm(fresh, { force: true });
    throw error instanceof BackupError ? error : new BackupError('backup-not-written', store, error);
  }
}

/** A store of SQLite, with what a relay that was killed has left beside it and is part of it. */
async function moveStore(from: string, to: string): Promise<void> {
  for (const end of ['-wal', '-shm']) {
    if (existsSync(from + end)) await rename(from + end, to + end);
  }
  await rename(from, to);
}

async function withStore<T>(path: string, use: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  const db = new Kysely<Schema>({ dialect: await sqliteReader(path) });
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

/** Throws {@link BackupError} `backup-damaged` for what is no whole store. */
async function checkWhole(db: Kysely<Schema>, file: string): Promise<void> {
  const { rows } = await sql<{ integrity_check: string }>`PRAGMA integrity_check`.execute(db);
  if (rows.length !== 1 || rows[0]?.integrity_check !== 'ok') throw new BackupError('backup-damaged', file);
  await factsOf(db);
}

async function factsOf(db: Kysely<Schema>): Promise<Pick<Manifest, 'storeVersion' | 'devices' | 'accounts'>> {
  const count = (table: 'devices' | 'accounts') =>
    db
      .selectFrom(table)
      .select((of) => of.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
  const version = await db.selectFrom('meta').select('value').where('name', '=', 'version').executeTakeFirstOrThrow();
  return {
    storeVersion: version.value,
    devices: (await count('devices')).rows,
    accounts: (await count('accounts')).rows,
  };
}

async function sumOf(file: string): Promise<Pick<Manifest, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
