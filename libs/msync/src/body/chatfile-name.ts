/** In every address of a chat's file, as messages name it. */
const MARK = '/chatfiles/';

/** Whether an encoded Meta may name files. Most name none; who is told so need not decode them. */
export function mayNameFiles(meta: Uint8Array): boolean {
  return Buffer.from(meta.buffer, meta.byteOffset, meta.byteLength).includes(MARK);
}
