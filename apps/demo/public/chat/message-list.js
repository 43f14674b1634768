// The conversation on the screen.
const SVG = 'http://www.w3.org/2000/svg';
const ORDER = ['sending', 'sent', 'delivered', 'read'];
const WORDS = { sending: 'Sending', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Not sent' };
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export class MessageList {
  #list;
  #rows = new Map();
  /** An ack may come before the answer that names the message. */
  #early = new Map();
  #unread = [];

  constructor(list) {
    this.#list = list;
  }

  /** Appends a message; returns its row. */
  add({ id, side, text, atMs, progress }) {
    if (id !== undefined && this.#rows.has(id)) return this.#rows.get(id);
    const row = document.createElement('li');
    row.className = 'message';
    row.dataset.side = side;
    row.append(Object.assign(document.createElement('span'), { className: 'text', textContent: text }), metaLine(side));
    setTime(row, atMs);
    if (side === 'mine') setProgress(row, progress);
    if (id !== undefined) this.#remember(row, id);
    if (side === 'theirs') this.#unread.push(id);
    this.#list.append(row);
    this.#list.scrollTop = this.#list.scrollHeight;
    return row;
  }

  sent(row, id, atMs) {
    setTime(row, atMs);
    setProgress(row, 'sent');
    this.#remember(row, id);
  }

  failed(row, reason) {
    setProgress(row, 'failed');
    row.title = reason ?? '';
  }

  /** Moves a message of mine forward; never back. */
  progress(id, progress) {
    const row = this.#rows.get(id);
    if (!row) this.#early.set(id, progress);
    else if (row.dataset.side === 'mine' && ORDER.indexOf(progress) > ORDER.indexOf(row.dataset.progress)) setProgress(row, progress);
  }

  allRead() {
    for (const id of this.#rows.keys()) this.progress(id, 'read');
  }

  /** Ids of received messages that were not taken before. */
  takeUnread() {
    return this.#unread.splice(0);
  }

  #remember(row, id) {
    row.dataset.id = id;
    this.#rows.set(id, row);
    const early = this.#early.get(id);
    this.#early.delete(id);
    if (early) this.progress(id, early);
  }
}

function metaLine(side) {
  const meta = Object.assign(document.createElement('span'), { className: 'meta' });
  meta.append(document.createElement('time'));
  if (side === 'theirs') return meta;
  const ticks = document.createElementNS(SVG, 'svg');
  ticks.setAttribute('class', 'ticks');
  ticks.setAttribute('viewBox', '0 0 19 12');
  ticks.setAttribute('role', 'img');
  for (const [name, path] of [['first', 'M1.5 6.5 5 10 11.5 2'], ['second', 'M7.5 8 9.5 10 16 2']]) {
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('class', name);
    line.setAttribute('d', path);
    ticks.append(line);
  }
  meta.append(ticks);
  return meta;
}

function setTime(row, atMs) {
  const time = row.querySelector('time');
  time.dateTime = new Date(atMs).toISOString();
  time.textContent = clock.format(atMs);
}

function setProgress(row, progress) {
  row.dataset.progress = progress;
  row.querySelector('.ticks').setAttribute('aria-label', WORDS[progress]);
  if (progress === 'failed') row.querySelector('time').textContent = WORDS.failed;
}
