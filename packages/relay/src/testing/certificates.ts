import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of a test's own, made by `openssl`, with what it has signed in a folder of its own. */
export class TestAuthority implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'palmkey-certificates-'));
  /** The path of its certificate. */
  readonly path: string = join(this.folder, 'ca.pem');
  #issued = 0;

  constructor() {
    const subject = ['-x509', '-subj', '/CN=authority', '-addext', 'keyUsage=critical,keyCertSign'];
    openssl('req', ...subject, ...fresh(join(this.folder, 'ca.key')), '-out', this.path);
  }

  /** Its certificate, PEM. */
  get pem(): string {
    return readFileSync(this.path, 'utf8');
  }

  /** A certificate for names as `DNS:localhost,IP:127.0.0.1`, good for servers and clients. */
  issue(names: string): CertificateFiles {
    const at = join(this.folder, String(++this.#issued));
    const [key, request, extensions, certificate] = [`${at}.key`, `${at}.csr`, `${at}.ext`, `${at}.pem`];
    openssl('req', '-new', '-subj', '/CN=issued', ...fresh(key), '-out', request);
    writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const by = ['-CA', this.path, '-CAkey', join(this.folder, 'ca.key'), '-set_serial', String(this.#issued)];
    openssl('x509', '-req', '-in', request, ...by, '-days', '2', '-extfile', extensions, '-out', certificate);
    return { certificate, key };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function fresh(key: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key];
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
