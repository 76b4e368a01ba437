import { get as httpGet } from 'node:http'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let folder: string
let api: TestApi | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-dashboard-'))
})
afterEach(async () => {
  await api?.close()
  await rm(folder, { recursive: true })
})

async function build(): Promise<void> {
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<meta property="csp-nonce" nonce="__CSP_NONCE__"><p>page</p>')
  await writeFile(join(folder, 'assets', 'main-abc.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'app-abc.webmanifest'), '{}')
}

describe('/dashboard', () => {
  it('serves the page under a policy that lets nothing in from elsewhere, each time with another nonce', async () => {
    await build()
    api = await startTestApi(sayWords([]), { dashboardDir: folder })
    const [first, second] = [await api.get('/dashboard'), await api.get('/dashboard/')]
    const nonceOf = (page: string): string => /nonce="([\w+/=]+)"/.exec(page)?.[1] ?? ''
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(nonceOf(first.body)).toMatch(/^[\w+/]{22}==$/)
    expect(nonceOf(first.body)).not.toBe(nonceOf(second.body))
    const policy = first.headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`'nonce-${nonceOf(first.body)}'`)
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; /)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  it('serves the frame that draws diagrams under a policy of its own, framed by no other site', async () => {
    await build()
    await writeFile(join(folder, 'diagrams.html'), '<p>place</p>')
    api = await startTestApi(sayWords([]), { dashboardDir: folder, apiToken: 'secret' })
    const frame = await api.get('/dashboard/diagrams')
    expect([frame.status, frame.body]).toEqual([200, '<p>place</p>'])
    const policy = frame.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; .*frame-ancestors 'self'/)
    expect(policy).not.toMatch(/connect-src|img-src|https?:|\*/)
  })

  it('B43: sends an asset compressed to whom it suits', async () => {
    await build()
    await writeFile(join(folder, 'assets', 'main-abc.js.gz'), gzipSync('export const compressed = 1'))
    api = await startTestApi(sayWords([]), { dashboardDir: folder })
    const ask = async (encoding: string): Promise<readonly (string | null)[]> => {
      const answer = await fetch(`${api?.url}/dashboard/assets/main-abc.js`, { headers: { 'accept-encoding': encoding } })
      return [await answer.text(), answer.headers.get('content-encoding'), answer.headers.get('content-type')]
    }
    const script = expect.stringContaining('javascript')
    expect(await ask('gzip, br')).toEqual(['export const compressed = 1', 'gzip', script])
    expect(await ask('identity')).toEqual(['export {}', null, script])
  })

  it('serves the assets for long, and nothing outside of them', async () => {
    await build()
    api = await startTestApi(sayWords([]), { dashboardDir: folder })
    const asset = await api.get('/dashboard/assets/main-abc.js')
    expect([asset.status, asset.headers.get('cache-control'), asset.headers.get('x-content-type-options')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'nosniff',
    ])
    const outside = [
      '/dashboard/assets/none.js',
      '/dashboard/assets/..%2findex.html',
      '/dashboard/assets/%2e%2e/index.html',
      '/dashboard/assets/',
    ]
    for (const path of outside) expect((await api.get(path)).status, path).toBeGreaterThanOrEqual(400)
    // `fetch` would resolve the dots itself.
    const { port } = new URL(api.url)
    const statusOf = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        httpGet({ host: '127.0.0.1', port, path }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        }).once('error', reject)
      })
    for (const path of ['../../../package.json', '../index.html', '%2e%2e/index.html', '..', 'x/../../../y'])
      expect(await statusOf(`/dashboard/assets/${path}`), `C5: ${path}`).toBe(404)
  })

  it('needs no token, as it asks people for it', async () => {
    await build()
    api = await startTestApi(sayWords([]), { dashboardDir: folder, apiToken: 'secret' })
    expect((await api.get('/dashboard')).status).toBe(200)
    expect((await api.get('/dashboard/assets/main-abc.js')).status).toBe(200)
    // Browsers ask for a manifest without the page's token.
    const manifest = await api.get('/dashboard/assets/app-abc.webmanifest')
    expect([manifest.status, manifest.headers.get('content-type')]).toEqual([200, 'application/manifest+json'])
    expect((await api.get('/dashboard')).headers.get('content-security-policy')).toContain("; manifest-src 'self'; ")
    for (const path of ['/state', '/dashboardx', '/dashboard/../state']) expect((await api.get(path)).status, path).toBe(401)
  })

  it('says how to get it where it was not built', async () => {
    api = await startTestApi(sayWords([]), { dashboardDir: join(folder, 'none') })
    const { status, body } = await api.get('/dashboard')
    expect([status, body.error.code]).toEqual([503, 'dashboard_missing'])
  })
})
