import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { ggufBytes, tinyLlama } from './__fixtures__/write-gguf-file.ts'
import { GgufHeaderIncomplete, parseGgufHeader } from './parse-gguf-header.ts'

const whole = ((): Buffer => {
  const { metadata, tensors } = tinyLlama()
  return ggufBytes(metadata, tensors)
})()

/** Any other error fails the test. */
function parseOrRefuse(bytes: Buffer): 'header' | 'refused' {
  try {
    parseGgufHeader(bytes)
    return 'header'
  } catch (error) {
    if (error instanceof AppError || error instanceof GgufHeaderIncomplete) return 'refused'
    throw error
  }
}

describe('parseGgufHeader', () => {
  it('reads metadata and tensors', () => {
    const { version, metadata, tensors, dataStartBytes } = parseGgufHeader(whole)
    expect({ version, architecture: metadata.get('general.architecture'), tokens: metadata.get('tokenizer.ggml.tokens') }).toEqual({
      version: 3,
      architecture: 'llama',
      tokens: ['<s>', '</s>', 'a', 'b', 'ab'],
    })
    expect(tensors[0]).toEqual({ name: 'token_embd.weight', dimensions: [4, 5], typeId: 0, offsetBytes: 0 })
    expect(dataStartBytes % 32).toBe(0)
  })

  it('says of every cut within the header that there is more', () => {
    const { dataStartBytes } = parseGgufHeader(whole)
    for (let length = 0; length < dataStartBytes - 32; length++)
      expect(() => parseGgufHeader(whole.subarray(0, length))).toThrow(GgufHeaderIncomplete)
  })

  it('names what is wrong', () => {
    expect(() => parseGgufHeader(Buffer.from('no GGUF file'))).toThrow(expect.objectContaining({ code: 'model-damaged' }))
    const versionOne = Buffer.from(whole)
    versionOne.writeUInt32LE(1, 4)
    expect(() => parseGgufHeader(versionOne)).toThrow(expect.objectContaining({ code: 'model-unsupported', details: { version: 1 } }))
  })

  it('refuses any damage with an AppError', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = Buffer.from(whole)
        for (const { at, byte } of changes) damaged[at] = byte
        parseOrRefuse(damaged)
      }),
      { numRuns: 3000 },
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseOrRefuse(Buffer.concat([whole.subarray(0, 24), bytes]))))
  })
})
