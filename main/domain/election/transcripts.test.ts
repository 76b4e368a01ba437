import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runTranscript } from './__fixtures__/run-transcript.ts'

const folder = new URL('__fixtures__/transcripts/', import.meta.url)

/** With UPDATE_TRANSCRIPTS=1 the files are rewritten: review the difference as a change of behaviour. */
describe('election transcripts', () => {
  it.each(readdirSync(folder))('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8')
    const played = runTranscript(text)
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(new URL(file, folder), played)
    expect(played).toBe(process.env['UPDATE_TRANSCRIPTS'] === '1' ? played : text)
  })
})
