import type { RdmaState } from '../../shared/topology.ts'

/** Reads `rdma_ctl status`, whose wording varies. `not enabled` and `enabled: no` mean disabled, hence the order of the tests. */
export function parseRdmaCtl(text: string): RdmaState {
  if (/\b(not\s+(supported|available)|unsupported|unavailable)\b/i.test(text)) return 'absent'
  if (/\b(disabled|not\s+enabled|inactive)\b|\benabled"?\s*[:=]\s*"?(no|false|off|0)\b|(\bis|[:=])\s*"?off\b|^\s*off\s*$/im.test(text))
    return 'disabled'
  return /\b(enabled|active)\b|(\bis|[:=])\s*"?on\b|^\s*on\s*$/im.test(text) ? 'enabled' : 'unknown'
}
