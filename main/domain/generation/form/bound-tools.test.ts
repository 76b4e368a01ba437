import { expect, it } from 'vitest'
import type { JsonObject } from '../../../shared/formats/json-value.ts'
import type { ToolDefinition } from '../../../shared/inference/inference.ts'
import { boundTools, isCertainTool } from './bound-tools.ts'

const tool = (parameters: unknown): ToolDefinition => ({ name: 'look_up', description: '', parameters })
const schemaOf = (text: string): JsonObject | undefined => boundTools([tool(JSON.parse(text))], () => true)[0]?.schema

const CITY = '{"type":"object","properties":{"city":{"type":"string","maxLength":8}},"required":["city"]}'

it('translates the schema of a tool once, for all requests that send it', () => {
  expect(schemaOf(CITY)).toMatchObject({ required: ['city'] })
  expect(schemaOf(CITY)).toBe(schemaOf(CITY))
})

it('tells schemas apart by all that they say, the order of their properties included', () => {
  expect(schemaOf(CITY.replace('8', '9'))).not.toEqual(schemaOf(CITY))
  const order = (text: string): string => JSON.stringify(schemaOf(text))
  expect(order('{"properties":{"a":{},"b":{}}}')).not.toBe(order('{"properties":{"b":{},"a":{}}}'))
})

it('takes any object where a schema cannot be used, each time', () => {
  for (let request = 0; request < 2; request += 1) {
    expect(schemaOf('{"type":"nothing"}')).toEqual({ type: 'object' })
    expect(isCertainTool(tool({ type: 'nothing' }))).toBe(false)
    expect(isCertainTool(tool(JSON.parse(CITY)))).toBe(true)
  }
})
