const LONGEST = 255;

/** The last part of a name that an uploader sent, without what could lead elsewhere or break a header. */
export function safeFilename(given: string | undefined): string {
  const last = (given ?? '').split(/[/\\]/).at(-1)!;
  // Control signs, and marks that turn the direction of text.
  const clean = last.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  if (clean === '.' || clean === '..') return '';
  // By way of UTF-8, which turns halves of characters into marks.
  return [...Buffer.from(clean).toString()].slice(0, LONGEST).join('');
}

/** Content-Disposition with the name in both forms that browsers read. */
export function disposition(kind: 'inline' | 'attachment', filename: string): string {
  if (filename === '') return kind;
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const full = encodeURIComponent(filename).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${full}`;
}
