export const FAILINGS = ['lost', 'doubled', 'reordered', 'resurrected', 'miscounted'] as const;
export type Failing = (typeof FAILINGS)[number];

export interface Verdict extends Record<Failing, number> {
  acknowledged: number;
  delivered: number;
  /** Each failing in words. */
  readonly remarks: string[];
}

const MOST_REMARKS = 50;

export function emptyVerdict(): Verdict {
  return { acknowledged: 0, delivered: 0, lost: 0, doubled: 0, reordered: 0, resurrected: 0, miscounted: 0, remarks: [] };
}

export function note(verdict: Verdict, failing: Failing, remark: string): void {
  verdict[failing]++;
  if (verdict.remarks.length < MOST_REMARKS) verdict.remarks.push(`${failing}: ${remark}`);
}

export function add(to: Verdict, one: Verdict): void {
  for (const key of ['acknowledged', 'delivered', ...FAILINGS] as const) to[key] += one[key];
  to.remarks.push(...one.remarks);
}
