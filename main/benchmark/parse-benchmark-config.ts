import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { AppError } from '../shared/app-error.ts'
import { BenchmarkConfig } from './benchmark-config.ts'

/** @throws AppError `benchmark-config-invalid` that lists every invalid field */
export function parseBenchmarkConfig(text: string, file: string): BenchmarkConfig {
  const document = parseDocument(text)
  const [syntaxError] = document.errors
  const refuse = (problems: readonly string[]): AppError =>
    new AppError('benchmark-config-invalid', `${file}: ${problems.join('; ')}`, { file, problems })
  if (syntaxError) throw refuse([syntaxError.message.split('\n')[0] ?? ''])
  const parsed = BenchmarkConfig.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {})
  if (parsed.success) return parsed.data
  throw refuse(parsed.error.issues.map(describe))
}

function describe(issue: z.core.$ZodIssue): string {
  const known = Object.keys(BenchmarkConfig.shape).join(', ')
  if (issue.code === 'unrecognized_keys')
    return `unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.join(', ')} (known keys: ${known})`
  return `${issue.path.join('.') || 'the top level'}: ${issue.message}`
}
