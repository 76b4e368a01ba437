import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writtenFiles } from '../../native/plan/spec/written-files.ts'

for (const [path, text] of Object.entries(writtenFiles())) writeFileSync(join(import.meta.dirname, '../..', path), text)
