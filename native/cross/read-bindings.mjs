/** @typedef {{ name: string, ordinal: number }} Binding - the ordinal as in dyld: -2 is flat look-up, 1 is the first library */

const CHAINED_IMPORT = 1
const OPCODE = {
  done: 0x00,
  ordinal: 0x10,
  ordinalUleb: 0x20,
  special: 0x30,
  symbol: 0x40,
  type: 0x50,
  addend: 0x60,
  segment: 0x70,
  address: 0x80,
  bind: 0x90,
  bindAddress: 0xa0,
  bindScaled: 0xb0,
  bindTimes: 0xc0,
}

/**
 * Reads the bindings in one part, lazy or not, of the bind opcodes of `LC_DYLD_INFO`.
 *
 * @param {Buffer} file
 * @param {number} start
 * @param {number} size
 * @returns {Binding[]}
 * @throws Error for an unknown opcode
 */
export function readBindingProgram(file, start, size) {
  /** @type {Map<string, Binding>} */
  const bindings = new Map()
  let at = start
  let ordinal = 0
  let name = ''
  const skipNumber = () => {
    while ((file.readUInt8(at++) & 0x80) !== 0);
  }
  const readNumber = () => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = file.readUInt8(at++)
      value += (byte & 0x7f) * scale
      if ((byte & 0x80) === 0) return value
      scale *= 128
    }
  }
  const bind = () => bindings.set(`${ordinal} ${name}`, { name, ordinal })
  while (at < start + size) {
    const byte = file.readUInt8(at++)
    const immediate = byte & 0x0f
    switch (byte & 0xf0) {
      case OPCODE.done: // separates entries of the lazy part and pads the end
      case OPCODE.type:
        break
      case OPCODE.ordinal:
        ordinal = immediate
        break
      case OPCODE.ordinalUleb:
        ordinal = readNumber()
        break
      case OPCODE.special:
        ordinal = immediate === 0 ? 0 : immediate - 16
        break
      case OPCODE.symbol: {
        const end = file.indexOf(0, at)
        name = file.toString('latin1', at, end)
        at = end + 1
        break
      }
      case OPCODE.addend:
      case OPCODE.segment:
      case OPCODE.address:
        skipNumber()
        break
      case OPCODE.bindTimes:
        bind()
        skipNumber()
        skipNumber()
        break
      case OPCODE.bindAddress:
        bind()
        skipNumber()
        break
      case OPCODE.bind:
      case OPCODE.bindScaled:
        bind()
        break
      default:
        throw new Error(`unknown bind opcode 0x${byte.toString(16)}`)
    }
  }
  return [...bindings.values()]
}

/**
 * Reads the bindings of `LC_DYLD_CHAINED_FIXUPS`, the newer format.
 *
 * @param {Buffer} file
 * @param {number} start
 * @returns {Binding[]}
 * @throws Error for an unknown format
 */
export function readChainedImports(file, start) {
  const [imports, names, count, format] = [8, 12, 16, 20].map((offset) => file.readUInt32LE(start + offset))
  if (imports === undefined || names === undefined || count === undefined || format !== CHAINED_IMPORT)
    throw new Error(`unsupported format of chained imports: ${format}`)
  return Array.from({ length: count }, (_, index) => {
    const entry = file.readUInt32LE(start + imports + 4 * index)
    const nameAt = start + names + (entry >>> 9)
    return { name: file.toString('latin1', nameAt, file.indexOf(0, nameAt)), ordinal: (entry << 24) >> 24 }
  })
}
