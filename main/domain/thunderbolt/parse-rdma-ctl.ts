/** Reads `rdma_ctl status`. `not enabled` is disabled, hence the order of the tests. */
export function parseRdmaCtl(text: string): 'enabled' | 'disabled' | 'unknown' {
  if (/\b(disabled|not\s+enabled)\b/i.test(text)) return 'disabled'
  return /\benabled\b/i.test(text) ? 'enabled' : 'unknown'
}
