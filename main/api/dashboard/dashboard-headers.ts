/**
 * Headers of the dashboard's page. Nothing is loaded from other origins, inline scripts do not run, and no other page
 * may frame it.
 *
 * @param nonce - new for each answer; the style elements of dialogs carry it
 */
export function dashboardHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  // For dictation, which the browser does on this machine.
  return headersWith(policy, '(self)')
}

/** Headers of the frame that draws diagrams. Its elements have styles, and it neither loads nor sends anything else. */
export function diagramHeaders(): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ]
  return headersWith(policy, '()')
}

function headersWith(policy: readonly string[], microphone: '()' | '(self)'): Record<string, string> {
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': `camera=(), microphone=${microphone}, geolocation=(), usb=(), payment=()`,
    'cache-control': 'no-store',
  }
}
