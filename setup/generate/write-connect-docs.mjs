// `node setup/generate/write-connect-docs.mjs`: writes the tools of `exo launch` into docs/connect.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatConnectDocs } from '../../main/shared/connect/format-connect-docs.ts'

const path = join(import.meta.dirname, '../../docs/connect.md')
writeFileSync(path, formatConnectDocs(readFileSync(path, 'utf8')))
