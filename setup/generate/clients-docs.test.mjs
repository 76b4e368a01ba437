import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pinnedVersions, readClientResults } from '../../e2e/clients/client-results.ts'
import { clients } from '../../e2e/clients/clients.ts'
import { formatClientsDocs } from '../../e2e/clients/format-clients-docs.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/clients.md'), 'utf8')
const results = readClientResults()

describe('the table of tested clients', () => {
  it('is what the last runs found: run node setup/generate/write-clients-docs.mjs', () => expect(formatClientsDocs(page)).toBe(page))
  it.each(clients.map((client) => [client.name, client]))('%s ran with the versions that are pinned, and in every flow', (name, client) => {
    expect(results[name]?.versions).toEqual(pinnedVersions(client))
    expect(Object.keys(results[name]?.flows ?? {})).toEqual(client.flows)
  })
})
