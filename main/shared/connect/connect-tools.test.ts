import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectSnippet } from './connect-snippet.ts'
import { formatConnectDocs } from './format-connect-docs.ts'
import { connectTools } from './connect-tools.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/connect.md'), 'utf8')
const clients = readFileSync(join(import.meta.dirname, '../../../docs/clients.md'), 'utf8')
const target = { root: 'http://127.0.0.1:8080', key: 'unused', model: 'MODEL', contextTokens: 32_768 }

describe('the tools to connect', () => {
  it('have an id of their own', () => expect(new Set(connectTools.map(({ id }) => id)).size).toBe(connectTools.length))
  it('are what docs/connect.md says: run node setup/generate/write-connect-docs.mjs', () => expect(formatConnectDocs(page)).toBe(page))
  it('have snippets without placeholders', () => {
    for (const tool of connectTools) expect(connectSnippet(tool, target).text).not.toMatch(/\{(root|base|key|model|context|file|folder)\}/)
  })
  it('have rows in docs/clients.md where they were tried', () => {
    for (const name of ['claude-code', 'codex', 'opencode', 'qwen-code', 'aider', 'continue', 'Open WebUI']) expect(clients).toContain(name)
  })
})
