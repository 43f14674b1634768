/** The bytes are not what the protocol allows. The sender is at fault; the message names the rule, never the content. */
export class MalformedFrame extends Error {
  constructor(rule: string) {
    super(rule);
    this.name = 'MalformedFrame';
  }
}
