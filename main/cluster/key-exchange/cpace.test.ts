import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { calculateGenerator, CPace, generatorString, multiplyVerified, scalarOf, type CPaceInputs } from './cpace.ts'
import { lengthPrefix, lengthValue } from './length-value.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const hexOf = (value: Uint8Array | null): string | null => value && Buffer.from(value).toString('hex')

/** draft-irtf-cfrg-cpace, "Test vector for CPace using group ristretto255 and hash SHA-512". */
const inputs: CPaceInputs = {
  secret: Buffer.from('Password'),
  channel: lengthValue(Buffer.from('A_initiator'), Buffer.from('B_responder')),
  sessionId: bytes('7e4b4791d6a8ef019b936c79fb7f2c57'),
}
const scalars = {
  a: bytes('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08'),
  b: bytes('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d'),
}
const shares = {
  a: bytes('d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157'),
  b: bytes('3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258'),
}
const SECRET = `b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd
  2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447`
const messages = [
  { share: shares.a, associated: Buffer.from('ADa') },
  { share: shares.b, associated: Buffer.from('ADb') },
] as const

describe("the draft's vectors of CPACE-RISTR255-SHA512", () => {
  it('of the generator', () => {
    expect(generatorString(inputs)).toEqual(
      bytes(`11435061636552697374726574746f3235350850617373776f726464${'00'.repeat(100)}
      180b415f696e69746961746f720b425f726573706f6e646572107e4b4791d6a8ef019b936c79fb7f2c57`),
    )
    expect(hexOf(calculateGenerator(inputs).toBytes())).toBe('222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56')
  })

  it('of the shares, of what they have in common, and of the secret, on both sides', () => {
    expect([hexOf(new CPace(inputs, scalars.a).share), hexOf(new CPace(inputs, scalars.b).share)]).toEqual([
      hexOf(shares.a),
      hexOf(shares.b),
    ])
    const common = '80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f'
    expect([hexOf(multiplyVerified(scalarOf(scalars.a), shares.b)), hexOf(multiplyVerified(scalarOf(scalars.b), shares.a))]).toEqual([
      common,
      common,
    ])
    expect(new CPace(inputs, scalars.a).agree(...messages, true)).toEqual(bytes(SECRET))
    expect(new CPace(inputs, scalars.b).agree(...messages, false)).toEqual(bytes(SECRET))
  })

  it('of multiplication, and of elements that must be refused', () => {
    const scalar = scalarOf(bytes('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05'))
    expect(hexOf(multiplyVerified(scalar, bytes('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c')))).toBe(
      '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e',
    )
    const noElement = bytes('2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c')
    for (const bad of [noElement, Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(31), Buffer.alloc(64)]) {
      expect(multiplyVerified(scalar, bad)).toBeNull()
      expect(new CPace(inputs, scalars.a).agree(messages[0], { ...messages[1], share: bad }, true)).toBeNull()
      expect(new CPace(inputs, scalars.b).agree({ ...messages[0], share: bad }, messages[1], false)).toBeNull()
    }
  })

  it('of lengths', () => {
    expect([0, 127, 128, 300, 16_384].map((length) => lengthPrefix(length).toString('hex'))).toEqual(['00', '7f', '8001', 'ac02', '808001'])
    expect(lengthValue(Buffer.from('1234'), Buffer.from('5'), Buffer.alloc(0), Buffer.from('678')).toString('hex')).toBe(
      '043132333401350003363738',
    )
  })
})

describe('B2: CPace', () => {
  it.each<[string, Partial<CPaceInputs>]>([
    ['secret', { secret: Buffer.from('password') }],
    ['channel', { channel: lengthValue(Buffer.from('A_initiato'), Buffer.from('rB_responder')) }],
    ['session', { sessionId: Buffer.alloc(16) }],
  ])('gives two sides with another %s different secrets', (_, other) => {
    const [a, b] = [new CPace(inputs, randomBytes(32)), new CPace({ ...inputs, ...other }, randomBytes(32))]
    const said = [
      { share: a.share, associated: Buffer.from('a') },
      { share: b.share, associated: Buffer.from('b') },
    ] as const
    const secrets = [a.agree(...said, true), b.agree(...said, false)]
    expect(secrets.every((secret) => secret?.length === 64)).toBe(true)
    expect(secrets[0]).not.toEqual(secrets[1])
  })
})
