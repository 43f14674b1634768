// "… is typing": told at most every few seconds, shown until nothing more comes.
const TELL_EVERY_MS = 2_000;
const SHOWN_FOR_MS = 4_000;

export class TypingHints {
  #toldAt = 0;
  #hide;

  /** @param tell sends a hint; @param show(isTyping) shows or hides the other's */
  constructor({ tell, show }) {
    this.tell = tell;
    this.show = show;
  }

  /** A key was pressed here. */
  typed() {
    if (Date.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = Date.now();
    this.tell();
  }

  /** The other one types. */
  heardTyping() {
    clearTimeout(this.#hide);
    this.show(true);
    this.#hide = setTimeout(() => this.show(false), SHOWN_FOR_MS);
  }

  /** What the other one typed has arrived. */
  heardMessage() {
    clearTimeout(this.#hide);
    this.show(false);
  }

  /** What was typed here is sent, or the session is over. */
  reset() {
    this.#toldAt = 0;
    this.heardMessage();
  }
}
