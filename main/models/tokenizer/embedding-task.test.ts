import { expect, it } from 'vitest'
import { textBefore } from './embedding-task.ts'

const qwen = { prompts: { query: 'Instruct: Given a web search query, retrieve\nQuery:', document: '' } }
const nomic = { prompts: { search_query: 'search_query: ', search_document: 'search_document: ' } }

it("a task is written in the model's own form", () => {
  expect(textBefore({ name: 'query' }, qwen, false)).toBe(qwen.prompts.query)
  expect(textBefore({ name: 'search_document' }, qwen, false)).toBe('')
  expect(textBefore({ name: 'query' }, nomic, true)).toBe('search_query: ')
  expect(textBefore({ instruction: 'Find code' }, qwen, false)).toBe('Instruct: Find code\nQuery:')
  expect(textBefore({ instruction: 'Find code' }, {}, false)).toBe('Instruct: Find code\nQuery: ')
  expect(textBefore({ instruction: 'Represent this: ' }, {}, true)).toBe('Represent this: ')
})

it('a task is nothing to a model without prompts, and one that its prompts lack is refused', () => {
  expect(textBefore({ name: 'query' }, {}, true)).toBe('')
  expect(() => textBefore({ name: 'poetry' }, nomic, true)).toThrow(/search_query, search_document/)
})
