import { DomainError } from '@parley/errors';

const LEGAL = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])$/;

/** First parts of paths that the platform itself serves: /{org}/{app}/... must never mean one of them. */
const RESERVED = new Set(['admin', 'api', 'app-id', 'console', 'demo-page', 'docs', 'health', 'metrics', 'oauth', 'parley', 'platform', 'static', 'well-known', 'www']);

/** The Enterprise ID of a new organisation as it is stored: lower case. @throws DomainError org_name_illegal | org_name_reserved */
export function organisationName(text: string): string {
  const name = text.toLowerCase();
  if (!LEGAL.test(name)) throw new DomainError('org_name_illegal');
  if (RESERVED.has(name)) throw new DomainError('org_name_reserved', { name });
  return name;
}
