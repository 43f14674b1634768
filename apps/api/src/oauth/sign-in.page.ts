import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(22rem, 90vw); }
label { display: block; margin-top: 1rem; }
input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
button { margin-top: 1.5rem; width: 100%; padding: .6rem; font: inherit; }
[role=alert] { color: light-dark(#a00, #f88); }
small { opacity: .7; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export interface SignInPage {
  /** Goes with the form, unchanged. */
  readonly fields: Readonly<Record<string, string>>;
  readonly org?: string;
  readonly login?: string;
  readonly problem?: string;
}

/** The sign-in page: one form, no script. */
export function signInPage({ fields, org = '', login = '', problem }: SignInPage): string {
  const hidden = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`);
  return page(
    'Sign in',
    `<h1>Sign in</h1>
${problem === undefined ? '' : `<p role="alert">${escape(problem)}</p>`}
<form method="post" action="/oauth/authorize">
${hidden.join('\n')}
<label>Organisation <small>(- for operators of the platform)</small><input name="org" value="${escape(org)}" required maxlength="64" autocapitalize="none" autocomplete="organization"></label>
<label>Name<input name="login" value="${escape(login)}" required maxlength="100" autocapitalize="none" autocomplete="username"></label>
<label>Password<input name="password" type="password" required maxlength="256" autocomplete="current-password"></label>
<button>Sign in</button>
</form>`,
  );
}

/** What is shown when it is not safe to send the browser back. */
export function problemPage(problem: string): string {
  return page('Sign in', `<h1>This does not work</h1>\n<p role="alert">${escape(problem)}</p>`);
}

/**
 * Nothing is loaded and nothing runs; the form leads here, and from here to where the client is registered: Chromium holds
 * form-action against the redirect as well.
 */
export function pageHeaders(redirectUri: string | undefined): Record<string, string> {
  const target = redirectUri?.startsWith('http') ? ` ${new URL(redirectUri).origin}` : '';
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'${target}; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} – Parley</title><style>${STYLE}</style></head>
<body><main>
${body}
</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
