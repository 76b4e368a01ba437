import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The characters that stand for bytes in a tokenizer of the ByteLevel kind: printable ones for themselves, the others from 256 on. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++))
}

/** Writes a tokenizer with one token per byte, for a random model with 256 tokens. */
export async function writeByteTokenizer(modelDir: string): Promise<void> {
  const vocab = Object.fromEntries(byteCharacters().map((character, byte) => [character, byte]))
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [] },
  }
  await writeFile(join(modelDir, 'tokenizer.json'), JSON.stringify(tokenizer))
  await writeFile(join(modelDir, 'tokenizer_config.json'), '{}')
}
