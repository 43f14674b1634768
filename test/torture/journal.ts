/** A message that the server acknowledged to its sender. */
export interface Sent {
  readonly id: bigint;
  readonly from: string;
  readonly resource: string;
  readonly clientId: bigint;
  /** Place among what this sender sent one after the other in this conversation; undefined when sent in a burst. */
  readonly place: number | undefined;
  readonly text: string;
}

/** Something that the server acknowledged and that changes an earlier message. */
export interface Changed {
  readonly id: bigint;
  readonly clientId: bigint;
  readonly target: bigint;
}

/** What clients were promised in one conversation: only what the server has acknowledged. */
export class Journal {
  readonly sent: Sent[] = [];
  readonly recalled: Changed[] = [];
  readonly edited: (Changed & { readonly text: string })[] = [];
  readonly receipts: Changed[] = [];
  /** By user: messages that he removed for himself. */
  readonly removed = new Map<string, Set<bigint>>();
  /** Recalls and edits that the server refused, by its words. */
  readonly refusals = new Map<string, number>();

  constructor(readonly pair: readonly [string, string]) {}

  refuse(words: string): void {
    this.refusals.set(words, (this.refusals.get(words) ?? 0) + 1);
  }

  get acknowledged(): number {
    return this.sent.length + this.recalled.length + this.edited.length + this.receipts.length;
  }
}
