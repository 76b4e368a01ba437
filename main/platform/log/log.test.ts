import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { createLog } from './log.ts'
import { redactSecrets } from './redact-secrets.ts'

function lines(format: 'json' | 'pretty', level: 'debug' | 'warn' = 'debug') {
  const written: string[] = []
  return { written, log: createLog({ level, format, write: (line) => written.push(line) }) }
}

describe('createLog', () => {
  it('writes JSON with message, fields and errors', () => {
    const { written, log } = lines('json')
    log.with({ nodeId: 'n1' }).warn('load failed', { error: new AppError('model-damaged', 'It ends early.', { file: 'a' }), seed: 5n })
    expect(JSON.parse(written[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      nodeId: 'n1',
      message: 'load failed',
      error: { name: 'AppError', code: 'model-damaged', message: 'It ends early.', details: { file: 'a' }, stack: expect.any(String) },
      seed: '5',
    })
  })

  it.each(['json', 'pretty'] as const)('E: writes no character that controls a terminal, as %s', (format) => {
    const { written, log } = lines(format)
    log.warn('a machine waits', { nodeName: 'evil\n01:00:00 ERROR forged\u001b[31m\u009b2J\u202e' })
    expect(written).toEqual([expect.stringMatching(/^\P{C}*forged\\u001b\[31m\\u009b2J\\u202e\P{C}*\n$/u)])
  })

  it('writes one line for people', () => {
    const { written, log } = lines('pretty')
    log.info('shard ready', { modelId: 'org/tiny', loadMs: 12, error: new AppError('timeout', 'Two\nlines') })
    expect(written.map((line) => line.slice(9))).toEqual(['INFO  shard ready modelId=org/tiny loadMs=12 error="timeout: Two\\nlines"\n'])
  })

  it('leaves out what is below its level', () => {
    const { written, log } = lines('json', 'warn')
    log.info('nothing')
    expect(written).toEqual([])
  })

  it.each(['json', 'pretty'] as const)('keeps secrets out of %s', (format) => {
    const { written, log } = lines(format)
    const error = new AppError('hub-refused', 'Sent Authorization: Bearer abc.def-123', { apiToken: 'abc.def-123' })
    log
      .with({ clusterKey: 'abc.def-123' })
      .error('refused', { headers: { authorization: 'abc.def-123' }, environment: { HF_TOKEN: 'abc.def-123' }, error })
    expect(written.join('')).not.toContain('abc.def-123')
  })
})

describe('redactSecrets', () => {
  it('leaves words alone that only look like secrets', () => {
    const fields = { tokenId: 5, promptTokens: 7, tokensPerSecond: 2.5, key: 'value', monkey: 'x', text: 'the bearer of news' }
    expect(redactSecrets(fields)).toEqual(fields)
  })

  it('ends at what refers to itself', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    expect(JSON.stringify(redactSecrets(loop))).toContain('[deep]')
  })
})
