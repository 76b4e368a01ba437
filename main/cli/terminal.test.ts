import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createTerminal } from './terminal.ts'

it('E: no text of another machine controls the terminal', () => {
  const streams = [new PassThrough(), new PassThrough()] as const
  const terminal = createTerminal(...(streams as unknown as [NodeJS.WriteStream, NodeJS.WriteStream]))
  const evil = 'studio\u001b]0;title\u0007\u009b2J\r\u202e'
  terminal.line(evil)
  terminal.error(evil)
  terminal.say(evil)
  terminal.progress().update(evil, 1, 2, evil)
  for (const stream of streams) {
    const shown = (stream.read() as Buffer).toString('utf8')
    expect(shown).toContain('studio\\u001b]0;title')
    // eslint-disable-next-line no-control-regex -- the test looks for control characters
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  }
})
