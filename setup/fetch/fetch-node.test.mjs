import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectDir } from '../project-paths.mjs'
import { NODE_VERSION } from './fetch-node.mjs'

it('packages contain the Node with which the tests run', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  expect(NODE_VERSION).toBe(devDependencies.node)
})
