import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signCatalogue } from '../main/platform/files/catalogue-signature.ts'
import { randomSafetensors } from '../main/shared/models/random-safetensors.ts'
import { writeByteTokenizer } from './harness/byte-tokenizer.ts'
import { get, post } from './node/call-api.ts'
import { type Finished, projectDir, runExo } from './node/run-exo.ts'
import { startExo } from './node/start-exo.ts'
import { EXAONE_FAMILY } from '../main/shared/models/__fixtures__/exaone-family.ts'

const MODEL = 'test/tiny-exaone'
const SIZES = { hidden_size: 64, num_layers: 2, intermediate_size: 96, num_attention_heads: 4, num_key_value_heads: 2, vocab_size: 256 }
const CONFIG = { ...SIZES, layer_norm_epsilon: 1e-5, rope_theta: 10_000, max_position_embeddings: 2048 }
const EXAONE = { ...EXAONE_FAMILY, check: { config: { ...SIZES, layer_norm_epsilon: 1e-5 }, seed: 11, prompt: [5, 17, 120, 3] } }
const CARD = {
  modelId: 'test/large-exaone',
  family: 'exaone',
  layers: 32,
  hiddenSize: 4096,
  attentionHeads: 32,
  kvHeads: 8,
  headDim: 128,
  vocabSize: 102_400,
  weightBytes: 5_000_000_000,
  contextTokens: 32_768,
}

/** The tensors of a tiny model, in the names of Llama or of ExaOne. */
function tensors(isExaone: boolean) {
  const name = (own: string, llama: string): string => `${isExaone ? own : llama}.weight`
  const width = SIZES.hidden_size
  const layer = (index: number) => {
    const at = (own: string, llama: string): string => name(`transformer.h.${index}.${own}`, `model.layers.${index}.${llama}`)
    return [
      { name: at('ln_1', 'input_layernorm'), shape: [width] },
      { name: at('attn.attention.q_proj', 'self_attn.q_proj'), shape: [width, width] },
      { name: at('attn.attention.k_proj', 'self_attn.k_proj'), shape: [width / 2, width] },
      { name: at('attn.attention.v_proj', 'self_attn.v_proj'), shape: [width / 2, width] },
      { name: at('attn.attention.out_proj', 'self_attn.o_proj'), shape: [width, width] },
      { name: at('ln_2', 'post_attention_layernorm'), shape: [width] },
      { name: at('mlp.c_fc_0', 'mlp.gate_proj'), shape: [SIZES.intermediate_size, width] },
      { name: at('mlp.c_fc_1', 'mlp.up_proj'), shape: [SIZES.intermediate_size, width] },
      { name: at('mlp.c_proj', 'mlp.down_proj'), shape: [width, SIZES.intermediate_size] },
    ]
  }
  return [
    { name: name('transformer.wte', 'model.embed_tokens'), shape: [SIZES.vocab_size, width] },
    ...Array.from({ length: SIZES.num_layers }, (_, index) => layer(index)).flat(),
    { name: name('transformer.ln_f', 'model.norm'), shape: [width] },
  ]
}

describe('a family that a signed catalogue describes', () => {
  let folder: string
  let dataDir: string
  let server: Server
  let address: string
  let keyFile: string
  let privateKey: KeyObject
  /** The catalogue of the publisher, with recorded answers. */
  let published: { serial: number; families: (typeof EXAONE & { check: { tokenIds: number[]; logprobs: number[] } })[] }
  const files = new Map<string, Buffer | string>()

  const publish = (catalogue: object, key = privateKey): void => {
    const bytes = Buffer.from(JSON.stringify(catalogue))
    files.set('/catalogue.json', bytes).set('/catalogue.json.sig', signCatalogue(bytes, key))
  }
  const update = (): Promise<Finished> => runExo(['models', 'update', '--from', address, '--key', keyFile, '--data-dir', dataDir])
  const writeTinyModel = async (modelId: string, config: object, isExaone: boolean): Promise<void> => {
    const modelDir = join(dataDir, 'models', modelId)
    await mkdir(modelDir, { recursive: true })
    await writeFile(join(modelDir, 'config.json'), JSON.stringify(config))
    await writeFile(join(modelDir, 'model.safetensors'), randomSafetensors(tensors(isExaone), 5))
    await writeByteTokenizer(modelDir)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-described-'))
    dataDir = join(folder, 'data')
    const pair = generateKeyPairSync('ed25519')
    privateKey = pair.privateKey
    keyFile = join(folder, 'publisher.pem')
    await writeFile(keyFile, pair.publicKey.export({ type: 'spki', format: 'pem' }))
    server = createServer((request, response) => {
      const file = files.get(request.url ?? '')
      response.writeHead(file === undefined ? 404 : 200).end(file)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/catalogue.json`
    const draft = join(folder, 'catalogue.json')
    await writeFile(draft, JSON.stringify({ format: 1, serial: 5, families: [EXAONE], cards: [CARD] }))
    execFileSync(process.execPath, [join(projectDir, 'setup', 'package', 'signing', 'sign-catalogue.mjs'), draft], {
      env: { ...process.env, EXO_UPDATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    })
    const bytes = await readFile(draft)
    published = JSON.parse(bytes.toString()) as typeof published
    files.set('/catalogue.json', bytes).set('/catalogue.json.sig', await readFile(`${draft}.sig`))
    await writeTinyModel(MODEL, { ...CONFIG, model_type: 'exaone' }, true)
    const { num_layers, layer_norm_epsilon, ...shared } = CONFIG
    const llama = { ...shared, num_hidden_layers: num_layers, rms_norm_eps: layer_norm_epsilon, tie_word_embeddings: true }
    await writeTinyModel('test/tiny-llama', { ...llama, model_type: 'llama' }, false)
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is unknown before', async () => {
    expect((await runExo(['models', 'ls', '--data-dir', dataDir])).stdout).toMatch(/tiny-exaone.*"exaone", which is not supported/)
  })

  it('is refused with another signature, and with no key', async () => {
    const signature = files.get('/catalogue.json.sig') as Buffer
    files.set('/catalogue.json.sig', signCatalogue(Buffer.from('{}'), privateKey))
    expect(await update()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not signed with the key of its publisher') as string,
    })
    files.set('/catalogue.json.sig', signature)
    const unkeyed = await runExo(['models', 'update', '--from', address, '--data-dir', dataDir])
    expect(unkeyed).toMatchObject({ status: 1, stderr: expect.stringContaining('--key FILE.pem') as string })
  })

  it('is checked, loads, and answers as the family that it resembles', async () => {
    const updated = await update()
    expect(updated).toMatchObject({ status: 0, stderr: '' })
    expect(updated.stdout).toMatch(/Catalogue 5: 1 families and 1 cards[^]*family\s+exaone\s+added[^]*card\s+test\/large-exaone\s+added/)
    const node = await startExo({ dataDir, arguments: ['--no-default-model'], awaitModel: false })
    try {
      const answer = async (model: string): Promise<unknown> =>
        (
          await post(node.apiUrl, '/v1/completions', {
            model,
            prompt: 'Hello',
            max_tokens: 12,
            temperature: 0,
            logprobs: 1,
            ignore_eos: true,
          })
        ).body.choices[0].logprobs.token_logprobs
      const own = await answer(MODEL)
      expect(own).toHaveLength(12)
      expect(own).toEqual(await answer('test/tiny-llama'))
      const { models } = (await get(node.apiUrl, '/models/catalogue')).body as { models: { modelId: string }[] }
      expect(models.map(({ modelId }) => modelId)).toContain(CARD.modelId)
    } finally {
      await node.stop()
    }
  })

  it('is refused if its answer is another one here, and then no longer used', async () => {
    const [family] = published.families
    const { check } = family!
    publish({
      ...published,
      serial: 6,
      families: [{ ...family, check: { ...check, logprobs: check.logprobs.map((logprob) => logprob - 0.1) } }],
    })
    const { status, stdout } = await update()
    expect(status).toBe(0)
    expect(stdout).toMatch(/exaone\s+refused: The logprobs of its tiny model differ by 0\.10/)
    expect(stdout).toMatch(/large-exaone\s+refused: its family exaone is unknown here/)
    expect((await runExo(['models', 'ls', '--data-dir', dataDir])).stdout).toMatch(/tiny-exaone.*"exaone", which is not supported/)
    publish({ ...published, serial: 6, families: [{ ...family, check: { ...check, tokenIds: check.tokenIds.map((token) => token ^ 1) } }] })
    expect((await update()).stdout).toMatch(/exaone\s+refused: Its tiny model gives the token/)
  })

  it('does not return to an older catalogue', async () => {
    publish({ ...published, serial: 5 })
    expect(await update()).toMatchObject({ status: 1, stderr: expect.stringContaining('older than number 6') as string })
  })
})
