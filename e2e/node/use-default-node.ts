import { afterAll, beforeAll } from 'vitest'
import { defaultModel } from './default-model.ts'
import { type RunningExo, startExo } from './start-exo.ts'

export interface DefaultNode {
  readonly node: RunningExo
  readonly model: string
  readonly modelDir: string
}

/** Provides one node with the default model for all tests of a `describe`; `use` receives it before the first test. */
export function useDefaultNode(use: (started: DefaultNode) => void | Promise<void>): void {
  let node: RunningExo | undefined
  beforeAll(async () => {
    node = await startExo()
    await use({ node, ...(await defaultModel(node)) })
  })
  afterAll(async () => void (await node?.stop()))
}
