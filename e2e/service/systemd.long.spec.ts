import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectDir, runProgram } from '../node/run-exo.ts'

/** The commands of each boot. */
const TRIAL = `
export HOME=/root
exo() { "$NODE" "$PROGRAM" "$@"; }
becomes_ready() {
  for _ in $(seq 300); do
    exo ps 2>/dev/null | grep -q ' ready ' && { echo "$1: ready"; return; }
    sleep 0.2
  done
  echo "$1: not ready"
  systemctl status --no-pager exo
}
boot=$(cat /trial/boot)
[ $boot = 1 ] && exo service install --system -- --port 0 --no-mdns --no-broadcast
becomes_ready "boot $boot"
exo service status --system >/dev/null && echo "boot $boot: status 0"
kill -9 "$(systemctl show -p MainPID --value exo.service)"
sleep 1
becomes_ready "boot $boot after kill -9"
echo "boot $boot: restarts $(systemctl show -p NRestarts --value exo.service)"
exo run smollm2 'What is the capital of France?'
if [ $boot = 2 ]; then
  exo service uninstall --system
  [ -e /etc/systemd/system/exo.service ] || echo 'the unit is gone'
  exo service status --system || echo "status after uninstall: $?"
fi
systemctl poweroff --force
`

function canBoot(): boolean {
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', '--cgroup', 'true'], { stdio: 'ignore' })
    return process.getuid?.() === 0 && existsSync('/lib/systemd/systemd')
  } catch {
    return false
  }
}

describe.skipIf(!canBoot())('the service under systemd', () => {
  let folder: string
  let log: string

  beforeAll(async () => {
    // Not in /tmp, which systemd may clean.
    folder = await mkdtemp(join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), 'exo-systemd-'))
    const words = [`NODE='${process.execPath}'`, `PROGRAM='${join(projectDir, 'dist', 'exo.mjs')}'`]
    await writeFile(join(folder, 'trial.sh'), `${words.join('\n')}\n${TRIAL}`)
    await runProgram('unshare', ['--mount', 'sh', join(import.meta.dirname, 'boot-twice.sh'), folder], { timeoutMs: 540_000 })
    log = await readFile(join(folder, 'trial.log'), 'utf8')
  }, 600_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(['boot 1', 'boot 2'])('%s: runs, and loads its model again after kill -9', (boot) => {
    expect(log).toContain(`${boot}: ready`)
    expect(log).toContain(`${boot}: status 0`)
    expect(log).toContain(`${boot} after kill -9: ready`)
    expect(log).toContain(`${boot}: restarts 1`)
    expect(log.match(/Paris/g)).toHaveLength(2)
  })

  it('is removed without a trace', () => {
    expect(log).toContain('The service is removed.')
    expect(log).toContain('the unit is gone')
    expect(log).toContain('status after uninstall: 1')
  })
})
