import { catalogue, type CatalogueEntry } from './catalogue.js';

const GRPC_NAMES: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  10: 'ABORTED',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

/** The catalogue as the page docs/errors.md. */
export function errorsPage(): string {
  return `# Errors

Every error of the platform, by the code that Parley's own services use for it. This page is printed from
\`libs/errors/src/catalogue/\` by \`tools/with-toolchain node libs/errors/dist/errors.page.main.js\` (after a build).

Over REST an error is a JSON object with the HTTP status of the table:
\`{"error", "error_description", "exception", "timestamp", "duration"}\`, and \`error_code\` where the table has a number. Between
services the code and its parameters travel in the gRPC metadata \`parley-error\`. Over MSYNC the answer to a send has the
status and reason of the table; where there is none it is status 1 with the code as reason. Words in braces are filled in.

**Again**: the same call may succeed later.

| code | HTTP | error | error_description | gRPC | MSYNC | again |
| --- | --- | --- | --- | --- | --- | --- |
${Object.entries(catalogue).map(([code, entry]) => row(code, entry)).join('\n')}
`;
}

function row(code: string, entry: CatalogueEntry): string {
  const { http, error, errorCode, description, grpc, msync, retryable } = entry;
  const cells = [
    literal(code),
    String(http),
    literal(error) + (errorCode === undefined ? '' : ` (${errorCode})`),
    literal(description),
    GRPC_NAMES[grpc] ?? String(grpc),
    msync ? `${msync.code} ${literal(msync.reason)}` : '',
    retryable ? 'yes' : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function literal(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
