import { describe, expect, it } from 'vitest'
import { classifyFailure } from './lake-failure.ts'

describe('D1: what a failure says about the catalog', () => {
  it.each([
    ['IO Error: Could not write file "catalog.ducklake.wal": Input/output error', 'disk-failing'],
    ['TransactionContext Error: Failed to commit: Could not write file "catalog.ducklake": Input/output error', 'disk-failing'],
    ['FATAL Error: fsync failed!', 'disk-failing'],
    [
      'FATAL Error: Failed: database has been invalidated because of a previous fatal error. Original error: "fsync failed!"',
      'disk-failing',
    ],
    ["EIO: i/o error, unlink '/data/journal/1.jsonl'", 'disk-failing'],
    ['IO Error: Could not write all bytes to file "catalog.ducklake.wal": No space left on device', 'no-space'],
    ['IO Error: Cannot open file "catalog.ducklake": Too many open files', 'denied'],
    ['IO Error: The file "catalog.ducklake" exists, but it is not a valid DuckDB database file!', 'damaged'],
    ['Corrupt database file: computed checksum 1 does not match stored checksum 2', 'damaged'],
  ])('%s: %s', (message, failure) => expect(classifyFailure(new Error(message))).toBe(failure))
})
