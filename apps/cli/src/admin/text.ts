type Row = Record<string, unknown>;

/** An answer of the API as text: a list as a table, anything else as lines of name and value. */
export function toText(answer: unknown): string {
  if (Array.isArray(answer)) return answer.length === 0 ? '(none)' : table(answer as Row[]);
  return lines(answer as Row, '').join('\n');
}

function lines(value: Row, prefix: string): string[] {
  return Object.entries(value).flatMap(([name, one]) =>
    isObject(one) ? lines(one, `${prefix}${name}.`) : [`${prefix}${name}: ${cell(name, one)}`],
  );
}

function table(rows: Row[]): string {
  const names = Object.keys(rows[0]!).filter((name) => rows.some((row) => cell(name, row[name]) !== ''));
  const cells = [names, ...rows.map((row) => names.map((name) => cell(name, row[name])))];
  const widths = names.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) => row.map((text, i) => text.padEnd(widths[i]!)).join('  ').trimEnd()).join('\n');
}

function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && name.endsWith('_ms')) return new Date(value).toISOString();
  if (Array.isArray(value)) return value.join(',');
  if (isObject(value)) return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
  return String(value);
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
