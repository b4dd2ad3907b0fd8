import type { ServerResponse } from 'node:http';

/** Next puts its data into the page as inline scripts, and its styles for fonts and images as inline styles; everything else is a file of ours. */
const POLICY: Readonly<Record<string, string>> = {
  'default-src': "'self'",
  'script-src': "'self' 'unsafe-inline'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'font-src': "'self' data:",
  'connect-src': "'self' ws: wss:",
  'object-src': "'none'",
  'base-uri': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

const policyText = (policy: Readonly<Record<string, string>>): string =>
  Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');

const PAGES = policyText(POLICY);
/** In development React and the bundler rebuild functions from text. */
const PAGES_IN_DEVELOPMENT = policyText({
  ...POLICY,
  'script-src': `${POLICY['script-src']} 'unsafe-eval'`,
});

/** What every page and file is served with (HT4). */
export function setSecurityHeaders(response: ServerResponse, dev: boolean): void {
  response.setHeader('content-security-policy', dev ? PAGES_IN_DEVELOPMENT : PAGES);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('x-frame-options', 'DENY');
}
