import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatErrorDocs } from '../../main/shared/format-error-docs.ts'

writeFileSync(join(import.meta.dirname, '../..', 'docs', 'errors.md'), formatErrorDocs())
