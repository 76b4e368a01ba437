import { describe, expect, it } from 'vitest'
import { pastedModelId } from './pasted-model-id.ts'

describe('pastedModelId', () => {
  it.each([
    ['https://huggingface.co/org/model', 'org/model'],
    ['  http://www.huggingface.co/org/model-4bit/  ', 'org/model-4bit'],
    ['https://huggingface.co/org/model/tree/main?show_file_info=model.safetensors', 'org/model'],
    ['https://huggingface.co/org/model#usage', 'org/model'],
    ['hf.co/org/Model.v1_2', 'org/Model.v1_2'],
    ['HTTPS://HF.CO/org/model', 'org/model'],
  ])('B33: takes the id out of %s', (link, id) => expect(pastedModelId(link)).toBe(id))

  it.each(['org/model', 'smollm2', '/models/huggingface.co/org/model', 'https://example.com/org/model', 'https://huggingface.co/org'])(
    'leaves %s as it is',
    (text) => expect(pastedModelId(` ${text} `)).toBe(text),
  )
})
