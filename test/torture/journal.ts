/** Something that the server acknowledged to who asked for it. */
export interface Act {
  readonly id: bigint;
  readonly clientId: bigint;
  readonly from: string;
  readonly resource: string;
  /** Acts of one sender in one conversation come one turn after the other, each after the answer to the one before; a burst is one turn. */
  readonly turn: number;
}

export interface Sent extends Act {
  readonly text: string;
}

/** An act on an earlier message. */
export interface Changed extends Act {
  readonly target: bigint;
}

export interface Edited extends Changed {
  readonly text: string;
}

export interface Receipt extends Changed {
  /** Of the conversation up to now, not of the target alone. */
  readonly whole: boolean;
}

/** What the server would not do, in its words. */
export interface Refused {
  readonly what: 'recall' | 'edit';
  readonly target: bigint;
  readonly words: string;
}

/** What clients were promised in one conversation: only what the server has acknowledged. */
export class Journal {
  readonly sent: Sent[] = [];
  readonly recalled: Changed[] = [];
  readonly edited: Edited[] = [];
  readonly receipts: Receipt[] = [];
  /** By user: messages that he removed for himself. */
  readonly removed = new Map<string, Set<bigint>>();
  readonly refused: Refused[] = [];

  constructor(readonly pair: readonly [string, string]) {}

  remove(user: string, id: bigint): void {
    const removed = this.removed.get(user) ?? new Set();
    this.removed.set(user, removed.add(id));
  }

  get acts(): Act[] {
    return [...this.sent, ...this.recalled, ...this.edited, ...this.receipts];
  }

  get acknowledged(): number {
    return this.sent.length + this.recalled.length + this.edited.length + this.receipts.length;
  }
}
