import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { anthropicCases } from './anthropic-cases.ts'
import { chatCases } from './chat-cases.ts'
import { ollamaCases } from './ollama-cases.ts'
import { completionCases, otherOpenaiCases, responseCases } from './other-openai-cases.ts'
import { type ConformanceCase, openWire } from './wire.ts'

/** Statements of the public references of OpenAI's, Anthropic's and Ollama's APIs, in our own words. */
const APIS: readonly (readonly [api: string, cases: readonly ConformanceCase[]])[] = [
  ["OpenAI's chats", chatCases],
  ["OpenAI's completions", completionCases],
  ["OpenAI's responses", responseCases],
  ["OpenAI's other routes", otherOpenaiCases],
  ["Anthropic's API", anthropicCases],
  ["Ollama's API", ollamaCases],
]

let node: RunningExo
beforeAll(async () => {
  const model = join(projectDir, 'e2e', 'clients', 'model', 'trained')
  node = await startExo({ arguments: ['--model', model, '--no-default-model'], timeoutMs: 180_000 })
})
afterAll(async () => void (await node?.stop()))

describe.each(APIS)('%s', (_, cases) => {
  it.each(cases)('%s: %s', async (_level, _statement, check) => check(openWire(node.apiUrl)))
})

it('the references have enough statements', () => {
  const all = APIS.flatMap(([, cases]) => cases)
  const must = all.filter(([level]) => level === 'MUST')
  reportFigure('conformance, statements', all.length, 'in all')
  reportFigure('conformance, statements', must.length, 'MUST')
  expect(all.length).toBeGreaterThanOrEqual(111)
  expect(must.length).toBeGreaterThanOrEqual(37)
})
