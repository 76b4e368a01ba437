import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatProtocolDocs } from '../../main/cluster/protocol-docs/format-protocol-docs.ts'

writeFileSync(join(import.meta.dirname, '../..', 'docs', 'protocol.md'), formatProtocolDocs())
