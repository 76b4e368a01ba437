import { readdirSync } from 'node:fs'

/** The part of Node's `process.report` that is used here; its types lack `excludeNetwork`. */
interface Reporter {
  excludeNetwork?: boolean
  getReport(): object
}

interface UserLimits {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | 'unlimited' } }
}

/** How many more files and connections this process may open; infinite if the system has no limit or does not report it. */
export function spareDescriptors(): number {
  const report: Reporter | undefined = process.report
  if (!report) return Number.POSITIVE_INFINITY
  // Looking up the names of all connections would take seconds.
  report.excludeNetwork = true
  const limit = (report.getReport() as UserLimits).userLimits?.open_files?.soft
  return typeof limit === 'number' ? Math.max(0, limit - readdirSync('/dev/fd').length) : Number.POSITIVE_INFINITY
}
