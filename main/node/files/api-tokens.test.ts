import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { openApiTokens } from './api-tokens.ts'
import { ownApiToken } from './own-api-token.ts'

let dataDir: string
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-tokens-'))))
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const around = { random: systemRandom, clock: systemClock }
const log = { warn: () => undefined }

describe('C4: named tokens', () => {
  it('stay across restarts by their hashes, in a file of the user alone', async () => {
    const { token } = await (await openApiTokens(dataDir, around)).create('laptop', 'inference')
    const file = join(dataDir, 'api-tokens.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).not.toContain(token)
    const again = await openApiTokens(dataDir, around)
    expect(again.rightsOf(token)).toBe('inference')
    expect([again.rightsOf(''), again.rightsOf('laptop'), again.rightsOf(`${token}0`)]).toEqual([null, null, null])
    expect(again.list()).toMatchObject([{ name: 'laptop', rights: 'inference' }])
    await again.revoke('laptop')
    expect(again.rightsOf(token)).toBeNull()
    expect((await openApiTokens(dataDir, around)).rightsOf(token)).toBeNull()
    expect((await readdir(dataDir)).sort()).toEqual(['api-tokens.json'])
  })

  it('have one name each, and a damaged file is said, not forgotten', async () => {
    const tokens = await openApiTokens(dataDir, around)
    const made = await Promise.allSettled([tokens.create('a', 'admin'), tokens.create('a', 'admin')])
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(tokens.revoke('b')).rejects.toMatchObject({ code: 'token-not-found' })
    await writeFile(join(dataDir, 'api-tokens.json'), '')
    await expect(openApiTokens(dataDir, around)).rejects.toMatchObject({ code: 'api-tokens-damaged' })
  })

  it('that cannot be written do not hold', async () => {
    const tokens = await openApiTokens(join(dataDir, 'file', 'below'), around)
    await writeFile(join(dataDir, 'file'), '')
    await expect(tokens.create('a', 'admin')).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(tokens.list()).toEqual([])
  })
})

describe("C4: the node's own token", () => {
  it('is made for any host but loopback, and is the same at the next start', async () => {
    const choose = (host: string, apiToken: string | null = null, asksForToken = true): Promise<string | null> =>
      ownApiToken({ host, apiToken, asksForToken, dataDir }, systemRandom, log)
    for (const host of ['127.0.0.1', 'localhost', '::1', '127.0.0.2']) expect(await choose(host), host).toBeNull()
    const made = await choose('0.0.0.0')
    expect(made).toMatch(/^exo-[0-9a-f]{64}$/)
    await chmod(join(dataDir, 'api-token'), 0o644)
    expect([await choose('::'), await choose('192.168.1.7')]).toEqual([made, made])
    expect((await stat(join(dataDir, 'api-token'))).mode & 0o777).toBe(0o600)
    expect([await choose('0.0.0.0', 'mine'), await choose('0.0.0.0', null, false)]).toEqual(['mine', null])
    await writeFile(join(dataDir, 'api-token'), '')
    expect(await choose('0.0.0.0')).toMatch(/^exo-[0-9a-f]{64}$/)
  })
})
