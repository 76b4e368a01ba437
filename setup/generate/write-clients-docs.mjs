// `node setup/generate/write-clients-docs.mjs`: writes the table of tested clients into docs/clients.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatClientsDocs } from '../../e2e/clients/format-clients-docs.ts'

const path = join(import.meta.dirname, '../../docs/clients.md')
writeFileSync(path, formatClientsDocs(readFileSync(path, 'utf8')))
