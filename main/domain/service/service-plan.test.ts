import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ServiceFacts } from './service-facts.ts'
import { servicePlan } from './service-plan.ts'

const facts: ServiceFacts = {
  program: [process.execPath, '/opt/exo here/100%/exo.mjs', '--host', '$HOME'],
  home: '/home/ada',
  user: 'root',
  userId: 501,
  dataDir: '/home/ada/.exo',
  writableFolders: ['/home/ada/.cache/huggingface'],
  isSystem: false,
}
const plan = (platform: string, changes: Partial<ServiceFacts> = {}) => {
  const found = servicePlan(platform, { ...facts, ...changes })
  if (!found) throw new Error('no plan')
  return found
}

describe('servicePlan', () => {
  it.each([
    ['linux', false, '/home/ada/.config/systemd/user/exo.service'],
    ['linux', true, '/etc/systemd/system/exo.service'],
    ['darwin', false, '/home/ada/Library/LaunchAgents/io.exo-distributed.node.plist'],
    ['darwin', true, '/Library/LaunchDaemons/io.exo-distributed.node.plist'],
  ])('on %s (system: %s) writes %s', (platform, isSystem, path) => {
    expect(plan(platform, { isSystem }).path).toBe(path)
  })

  it('has none for other systems', () => expect(servicePlan('win32', facts)).toBeNull())

  it('quotes the command for systemd, and restarts it always', () => {
    const { content } = plan('linux')
    expect(content).toContain('"/opt/exo here/100%%/exo.mjs" --host $$HOME')
    expect(content).toContain('Restart=always')
    expect(content).toContain('WantedBy=default.target')
    expect(content).not.toContain('User=')
    expect(plan('linux', { isSystem: true }).content).toContain('ReadWritePaths=-/home/ada/.exo')
  })

  it.each([true, false])('writes a unit that systemd accepts (system: %s)', (isSystem) => {
    const file = join(mkdtempSync(join(tmpdir(), 'exo-unit-')), 'exo.service')
    writeFileSync(file, plan('linux', { isSystem, program: [process.execPath, '/exo.mjs'] }).content)
    const { error, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', file], { encoding: 'utf8' })
    if (error) return
    // Older versions do not know the steps of a back-off, and ignore them.
    const complaints = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes('exo.service') && !/RestartSteps|RestartMaxDelaySec/.test(line))
    expect(complaints).toEqual([])
  })

  it('runs the command under launchd with the variables of a file', () => {
    const { content } = plan('darwin', { program: ['/opt/<exo>/exo'], isSystem: true })
    expect(content).toContain('<string>/opt/&lt;exo&gt;/exo</string>')
    expect(content).toContain('<key>UserName</key>\n  <string>root</string>')
    expect(content).toContain('/home/ada/.exo/service.env')
    expect(content.match(/<key>/g)).toHaveLength(12)
  })

  it('passes the variables of the file to the program', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exo-env-'))
    writeFileSync(join(folder, 'service.env'), "EXO_PORT=1234\nEXO_CLUSTER='two words'\n")
    const { content } = plan('darwin', { dataDir: folder, program: ['/usr/bin/env'] })
    const words = [...content.matchAll(/^ {4}<string>(.*)<\/string>$/gm)].map(([, word = '']) =>
      word.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
    )
    const [shell = '', ...rest] = words
    // env takes the rest as a program: only the variables matter here.
    const { stdout } = spawnSync(shell, [...rest.slice(0, -2)], { encoding: 'utf8', env: {} })
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['EXO_PORT=1234', 'EXO_CLUSTER=two words', `EXO_HOME=${folder}`]))
  })
})
