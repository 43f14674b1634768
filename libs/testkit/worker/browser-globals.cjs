// The parts of a browser that the official web SDKs need, for Node. Loaded before the SDK.
const { WebSocket } = require('ws');

const sockets = new Set();
const windowListeners = new Map();
let offline = false;

/** The SDK's own sockets, so that a test can cut them as a dead network would. */
class CuttableWebSocket extends WebSocket {
  constructor(url, ...rest) {
    // Nobody listens on port 1: a network that is away.
    super(offline ? 'ws://127.0.0.1:1/' : url, ...rest);
    sockets.add(this);
    this.addEventListener('close', () => sockets.delete(this));
    // Without a listener a refused connection would end the process.
    this.on('error', () => undefined);
  }
}

/** XMLHttpRequest over fetch, with what the SDKs use of it. */
class FetchRequest {
  readyState = 0;
  status = 0;
  responseText = '';
  response = null;
  responseType = '';
  timeout = 0;
  upload = { addEventListener() {} };
  #listeners = new Map();
  #headers = {};
  #abort = new AbortController();
  #method = 'GET';
  #url = '';

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  open(method, url) {
    this.#method = method.toUpperCase();
    this.#url = url;
    this.#enter(1);
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  overrideMimeType() {}

  abort() {
    this.#abort.abort();
    this.#fire('abort');
  }

  async send(body) {
    let late = false;
    const timer = this.timeout
      ? setTimeout(() => {
          late = true;
          this.#abort.abort();
        }, this.timeout)
      : undefined;
    try {
      if (offline) throw new Error('offline');
      const carriesBody = this.#method !== 'GET' && this.#method !== 'HEAD';
      const answer = await fetch(this.#url, { method: this.#method, headers: this.#headers, body: carriesBody ? (body ?? undefined) : undefined, signal: this.#abort.signal });
      const bytes = Buffer.from(await answer.arrayBuffer());
      this.status = answer.status;
      this.responseURL = answer.url;
      if (this.responseType === 'blob') this.response = new Blob([bytes], { type: answer.headers.get('content-type') ?? '' });
      else this.response = this.responseText = bytes.toString('utf8');
    } catch {
      this.status = 0;
      if (late) return this.#fire('timeout');
      this.#enter(4);
      return this.#fire('error');
    } finally {
      clearTimeout(timer);
    }
    this.#enter(4);
    this.#fire('load');
  }

  #enter(state) {
    this.readyState = state;
    this.#fire('readystatechange');
  }

  #fire(type) {
    const event = { type, target: this };
    this[`on${type}`]?.(event);
    for (const listener of this.#listeners.get(type) ?? []) listener.call(this, event);
  }
}

/** What SDKs read downloaded blobs with. */
class BlobReader {
  addEventListener(type, listener) {
    this[`on${type}`] = listener;
  }

  readAsText(blob) {
    this.#read(blob.text());
  }

  readAsArrayBuffer(blob) {
    this.#read(blob.arrayBuffer());
  }

  #read(content) {
    content.then(
      (result) => {
        this.result = result;
        this.onload?.({ target: this });
        this.onloadend?.({ target: this });
      },
      (error) => this.onerror?.(error),
    );
  }
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Makes Node look like a browser page. */
function install() {
  const stored = new Map();
  const silent = () => undefined;
  define('self', globalThis);
  define('window', globalThis);
  define('WebSocket', CuttableWebSocket);
  define('XMLHttpRequest', FetchRequest);
  define('FileReader', BlobReader);
  define('localStorage', {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, String(value)),
    removeItem: (key) => void stored.delete(key),
  });
  define('location', { protocol: 'http:', host: '127.0.0.1', hostname: '127.0.0.1', href: 'http://127.0.0.1/' });
  define('document', { addEventListener: silent, removeEventListener: silent, hidden: false, createElement: () => ({}) });
  define('addEventListener', (type, listener) => windowListeners.set(type, [...(windowListeners.get(type) ?? []), listener]));
  define('removeEventListener', silent);
  if (!globalThis.navigator) define('navigator', { userAgent: 'node' });
}

module.exports = {
  install,
  /** Cuts all sockets without a closing handshake. */
  dropSockets() {
    for (const socket of sockets) socket.terminate();
  },
  /** Leaves all sockets open, but nothing that comes is seen any more, as after a network has changed unnoticed. */
  stallSockets() {
    for (const socket of sockets) socket.pause();
  },
  setOffline(value) {
    offline = value;
  },
  /** What a browser that notices it says of its network: "online" or "offline". */
  announce(type) {
    for (const listener of windowListeners.get(type) ?? []) listener({ type });
  },
};
