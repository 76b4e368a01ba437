import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { projectDir, runProgram } from '../node/run-exo.ts'

export type ReferencePrompt =
  | { readonly messages: readonly { readonly role: string; readonly content: string }[] }
  | { readonly text: string }
  | { readonly tokenIds: readonly number[] }

export interface ReferenceAnswer {
  readonly promptTokenIds: readonly number[]
  readonly tokenIds: readonly number[]
  readonly text: string
  readonly smallestGap: number
}

export interface ReferenceRequest {
  readonly modelDir: string
  readonly maxTokens: number
  readonly prompts: readonly ReferencePrompt[]
}

const cacheDir = join(process.env['EXO_CACHE'] || join(homedir(), '.cache', 'exo-distributed'), 'reference-answers')
const script = join(import.meta.dirname, 'reference_answers.py')

/** A Python with mlx-lm and the openai client. */
export async function referencePython(): Promise<string> {
  const { status, stdout, stderr } = await runProgram(process.execPath, [join(projectDir, 'setup', 'tools', 'print-python.mjs')], {
    timeoutMs: 600_000,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

/** mlx-lm's answers, cached by request. */
export async function referenceAnswers(request: ReferenceRequest): Promise<ReferenceAnswer[]> {
  const python = await referencePython()
  const hash = createHash('sha256')
    .update(readFileSync(script))
    .update(python)
    .update(JSON.stringify({ ...request, modelDir: null }))
  for (const name of readdirSync(request.modelDir).sort()) hash.update(name).update(readFileSync(join(request.modelDir, name)))
  const cached = join(cacheDir, `${hash.digest('hex')}.json`)
  if (!existsSync(cached)) {
    const { status, stdout, stderr } = await runProgram(python, [script], { input: JSON.stringify(request), timeoutMs: 1_800_000 })
    if (status !== 0) throw new Error(`mlx-lm failed:\n${stderr}`)
    mkdirSync(cacheDir, { recursive: true })
    writeFileSync(`${cached}.${process.pid}`, stdout)
    renameSync(`${cached}.${process.pid}`, cached)
  }
  return JSON.parse(readFileSync(cached, 'utf8')) as ReferenceAnswer[]
}
