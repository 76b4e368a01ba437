import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DurableFile } from './durable-file.ts'
import { LineJournal } from './line-journal.ts'
import { openRegularFileToWrite, readRegularText, readRegularTextSync } from './regular-file.ts'

const mainDir = join(import.meta.dirname, '../..')

/** Files that read or write by a name in their own way, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  'platform/files/regular-file.ts': 'it is the one place',
  'platform/files/file-port.ts': 'it syncs what it has just written',
  'platform/log/rotating-log-file.ts': 'it looks at its file itself',
  'platform/files/replace-file.ts': 'a new file under a name of this process',
  'history/journal.ts': 'it opens new files only',
  'cluster/identity/open-identity.ts': 'it opens new files only',
  'models/hub/download-lock.ts': 'it opens new files only',
  'models/hub/download-file.ts': 'open for reading and writing does not wait',
  'models/hub/fetch-catalogue.ts': 'a file that the user names: it may be a pipe',
  'models/gguf/import-gguf.ts': 'it writes in a folder that it has just made',
  'models/quantize/quantize-model.ts': 'it writes in a folder that it has just made',
  'discovery/hardware/create-hardware-reader.ts': 'files of the kernel',
  'discovery/hardware/recorded-hardware-reader.ts': 'a file that the user names: it may be a pipe',
  'api/dashboard/register-dashboard.ts': "files of the program's own package",
  'electron/windows/serve-popover.ts': "files of the program's own package",
  'electron/updates/start-updates.ts': "files of the program's own package",
  'electron/settings-file.ts': 'it opens a folder only',
  'electron/acts/install-command.ts': "root's own folder",
}

describe('E: what is in the place of a file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-regular-'))
    path = join(folder, 'settings.json')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const places: readonly (readonly [string, () => Promise<unknown> | Buffer])[] = [
    ['a pipe', () => execFileSync('mkfifo', [path])],
    ['a device without end', () => symlink('/dev/zero', path)],
    ['a folder', () => mkdir(path)],
  ]

  describe.each(places)('if it is %s', (_what, put) => {
    beforeEach(async () => void (await put()))

    it('is refused at once', async () => {
      await expect(readRegularText(path)).rejects.toMatchObject({ code: 'file-damaged', message: expect.stringContaining(path) })
      expect(() => readRegularTextSync(path)).toThrow('not a regular file')
      await expect(openRegularFileToWrite(path, 'at-end')).rejects.toMatchObject({ code: expect.stringMatching(/^(file-damaged|EISDIR)$/) })
    })

    it('does not stop a durable file, which uses its backup', async () => {
      const open = () => new DurableFile({ path, parse: (text) => JSON.parse(text) as unknown, format: (value) => JSON.stringify(value) })
      await expect(open().read()).rejects.toMatchObject({ code: 'file-damaged' })
      await writeFile(`${path}.previous`, '1')
      expect(await open().read()).toBe(1)
    })

    it('does not stop a journal', async () => {
      const troubles: unknown[] = []
      const journal = await LineJournal.open(path, (error) => troubles.push(error))
      journal.append(['x'])
      await journal.settled()
      expect(troubles).toHaveLength(2)
    })
  })

  it('does not stop a write, which replaces a pipe under its own name and under that of the new text', async () => {
    const file = new DurableFile({ path, parse: (text) => JSON.parse(text) as unknown, format: (value) => JSON.stringify(value) })
    for (const name of [path, `${path}.new`, `${path}.previous`]) execFileSync('mkfifo', [name])
    await file.write(2)
    expect([await readFile(path, 'utf8'), await file.read()]).toEqual(['2', 2])
  })

  it('is read as it is if it is regular, up to a limit', async () => {
    for (const text of ['', 'é', 'x'.repeat(200_000)]) {
      await writeFile(path, text)
      expect([await readRegularText(path), readRegularTextSync(path)]).toEqual([text, text])
      await expect(readRegularText(path, Buffer.byteLength(text))).resolves.toBe(text)
    }
    await expect(readRegularText(path, 199_999)).rejects.toMatchObject({ code: 'file-damaged' })
    expect(() => readRegularTextSync(path, 199_999)).toThrow('larger')
    await expect(readRegularText(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is looked at by each reader', async () => {
    const files = (await readdir(mainDir, { recursive: true })).filter(
      (file) => /\.ts$/.test(file) && !/\.test\.ts$|__fixtures__/.test(file),
    )
    const readers = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(mainDir, file), 'utf8')
        const names = [...text.matchAll(/import \{([^}]*)\} from 'node:fs(?:\/promises)?'/g)].flatMap(([, list = '']) =>
          list.split(/[\s,]+/),
        )
        return names.some((name) => /^(open|openSync|readFile|readFileSync|createReadStream|appendFile|appendFileSync)$/.test(name))
          ? [file]
          : []
      }),
    )
    // Commands read the files that their user names, which may be pipes; they serve nobody else.
    const unlooked = readers.flat().filter((file) => !file.startsWith('cli/') && OTHERS[file] === undefined)
    expect(unlooked).toEqual([])
  })
})
