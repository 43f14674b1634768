import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { createLogger } from '@parley/telemetry';

const log = createLogger('tls');
/** How often the files are looked at, in ms. Reading works wherever they come from, also by links that are exchanged. */
const LOOK_EVERY_MS = 2_000;

export interface CertificatePaths {
  certFile: string;
  keyFile: string;
}

export interface Pem {
  cert: string;
  key: string;
}

/** A certificate and its key, from files that may change while the server runs. */
export class CertificateFiles {
  #current: Pem;
  #rejected = '';
  #seen = '';
  #problem: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly paths: CertificatePaths,
    first: Pem,
  ) {
    this.#current = first;
  }

  /** @throws Error that names the file and what is wrong with it */
  static load(paths: CertificatePaths): CertificateFiles {
    const pem = { cert: read(paths.certFile, 'PARLEY_TLS_CERT_FILE'), key: read(paths.keyFile, 'PARLEY_TLS_KEY_FILE') };
    check(pem);
    return new CertificateFiles(paths, pem);
  }

  get current(): Pem {
    return this.#current;
  }

  /** Why the files that are there now cannot be used; undefined while they can. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /**
   * Looks at the files now and then. A new pair is handed over when it has been the same for two looks, since the two
   * files change one after the other. One that does not work is logged, and the pair before it stays.
   * @param changed puts the new pair to use; if it throws, that is logged too
   */
  watch(changed: (pem: Pem) => void, everyMs = LOOK_EVERY_MS): void {
    let looking = false;
    this.#timer = setInterval(() => {
      if (looking) return;
      looking = true;
      void this.#look(changed).finally(() => {
        looking = false;
      });
    }, everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(changed: (pem: Pem) => void): Promise<void> {
    let found = '';
    try {
      const [cert, key] = await Promise.all([readFile(this.paths.certFile, 'utf8'), readFile(this.paths.keyFile, 'utf8')]);
      const pem = { cert, key };
      found = cert + key;
      if (cert === this.#current.cert && key === this.#current.key) {
        this.#problem = undefined;
        return;
      }
      if (found === this.#rejected) return;
      if (found !== this.#seen) return;
      check(pem);
      changed(pem);
      this.#current = pem;
      this.#rejected = '';
      this.#problem = undefined;
      log.info({ validTo: new X509Certificate(cert).validTo }, 'a new certificate is in use');
    } catch (error) {
      if (found === this.#rejected && found !== '') return;
      if (this.#rejected !== (found || 'unreadable')) log.error({ err: error }, 'the new certificate cannot be used, the one before stays');
      this.#rejected = found || 'unreadable';
      this.#problem = error as Error;
    } finally {
      this.#seen = found;
    }
  }
}

function read(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${variable}: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws Error when key and certificate do not belong together, are none, or the certificate has expired */
function check(pem: Pem): void {
  try {
    createSecureContext(pem);
    const certificate = new X509Certificate(pem.cert);
    if (Date.parse(certificate.validTo) < Date.now()) throw new Error(`the certificate ended on ${certificate.validTo}`);
  } catch (error) {
    throw new Error(`PARLEY_TLS_CERT_FILE and PARLEY_TLS_KEY_FILE are not a certificate with its key: ${(error as Error).message}`, { cause: error });
  }
}
