import { describe, expect, it } from 'vitest'
import { packageFolders } from './package-folders.mjs'

describe('packageFolders', () => {
  it('names each package of a bundle once, nested and scoped ones too', () => {
    expect(
      packageFolders([
        'main/cli/main.ts',
        'node_modules/zod/index.js',
        'node_modules/zod/v4/core.js',
        '/home/me/project/node_modules/@duckdb/node-api/lib/a.js',
        '\0/home/me/project/node_modules/react/index.js?commonjs-module',
        'node_modules/fastify/node_modules/ajv/lib/ajv.js',
      ]),
    ).toEqual(['node_modules/@duckdb/node-api', 'node_modules/fastify/node_modules/ajv', 'node_modules/react', 'node_modules/zod'])
  })
})
