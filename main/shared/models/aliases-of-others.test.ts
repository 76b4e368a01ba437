import { expect, it } from 'vitest'
import { aliasesOfOthers } from './aliases-of-others.ts'

it('A2: other nodes name their models, but not by names of the cloud, of the default or of another look', () => {
  const cloud = [
    'gpt-4o',
    'GPT-4o',
    'openai/gpt-4o',
    'litellm/claude-opus-4',
    'o3',
    'gemini-2.5-pro',
    'default',
    'Default:latest',
    'exo/default',
  ]
  const odd = ['a\u001b[2J', 'qwen\u202e3', 'a\nb', 'a'.repeat(129)]
  expect(aliasesOfOthers({ aliases: [...cloud, ...odd] })).toEqual([])
  expect(aliasesOfOthers({ aliases: ['mine', 'gpt-oss-20b', 'qwen3:8b'] })).toEqual(['mine', 'gpt-oss-20b', 'qwen3:8b'])
  expect(aliasesOfOthers({ aliases: Array.from({ length: 999 }, (_, index) => `m${index}`) })).toHaveLength(16)
})
