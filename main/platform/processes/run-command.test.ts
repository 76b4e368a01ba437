import { describe, expect, it } from 'vitest'
import { createRunCommand } from './run-command.ts'

const never = new AbortController().signal
const shell = (script: string): [string, string[]] => ['sh', ['-c', script]]

describe('createRunCommand', () => {
  const run = createRunCommand()

  it('gives what a program prints and how it ends', async () =>
    expect(await run(...shell('echo out; echo err >&2; exit 3'), 10_000, never)).toEqual({
      kind: 'exited',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    }))
  it('knows a program that is not there', async () =>
    expect(await run('no-such-program-here', [], 10_000, never)).toEqual({ kind: 'absent' }))
  it('ends at the time limit, kills the program, and may run it again once it is gone', async () => {
    const hang = shell('exec sleep 60')
    expect(await run(...hang, 100, never)).toEqual({ kind: 'timed-out' })
    await expect.poll(async () => (await run(...hang, 50, never)).kind, { timeout: 5_000 }).toBe('timed-out')
  })
  it('starts no second one beside one that hangs', async () => {
    const both = createRunCommand()
    const hang = shell('exec sleep 60')
    await both(...hang, 50, never)
    // The signal has been sent, but the end has not been reported yet.
    expect(await both(...hang, 50, never)).toEqual({ kind: 'stuck' })
  })
  it('stops at once when aborted', async () => {
    const stop = new AbortController()
    const running = run(...shell('exec sleep 61'), 60_000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect(run(...shell('true'), 1_000, stop.signal)).rejects.toThrow('enough')
  })
  it('keeps no more than it can hold', async () => {
    const result = await run(...shell('head -c 9000000 /dev/zero'), 10_000, never)
    expect(result.kind === 'exited' && result.stdout.length).toBeLessThan(5_000_000)
  })
})
