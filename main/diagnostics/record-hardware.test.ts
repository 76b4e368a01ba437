import { expect, it } from 'vitest'
import { macLayouts } from '../domain/mac/__fixtures__/mac-layouts.ts'
import { uuidOf } from '../domain/mac/__fixtures__/record-macs.ts'
import { parseRecordedHardware, RecordedHardware, recordedHardwareFacts } from '../domain/mac/recorded-hardware.ts'
import { recordHardware } from './record-hardware.ts'

it('writes a file that --hardware reads, with its identifiers hashed', () => {
  const [mac] = macLayouts['two Macs']
  const text = recordHardware(RecordedHardware.parse(mac))
  expect(recordedHardwareFacts(parseRecordedHardware(text, 'mac.json'))).toMatchObject({
    chip: 'Apple M3 Ultra',
    rdma: 'enabled',
    missing: [],
  })
  expect(text).not.toContain(uuidOf(0, 2))
})
