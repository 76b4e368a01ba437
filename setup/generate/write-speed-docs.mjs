import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatSpeedTable } from '../../main/domain/speed/__fixtures__/format-speed-docs.ts'
import { formatGoals } from '../../native/parity/goals/format-goals.ts'
import { readGoals } from '../../native/parity/goals/read-goals.ts'

const page = join(import.meta.dirname, '../..', 'docs', 'speed.md')
const [head] = readFileSync(page, 'utf8').split(/^\| machine \|/m)
writeFileSync(page, `${head}${formatSpeedTable()}\n\n${formatGoals(readGoals())}\n`)
