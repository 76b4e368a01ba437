import { expect, it } from 'vitest'
import { autostartEntry } from './autostart-entry.ts'

const execOf = (program: readonly string[]): string | undefined => /^Exec=(.*)$/m.exec(autostartEntry('exo', program))?.[1]

it('is an application of that name', () =>
  expect(autostartEntry('exo', ['/opt/exo/exo-app'])).toContain('[Desktop Entry]\nType=Application\nName=exo\nExec="/opt/exo/exo-app"\n'))

it.each([
  [['/home/a b/exo.AppImage'], '"/home/a b/exo.AppImage"'],
  [['electron', '/src/exo'], '"electron" "/src/exo"'],
  [['/home/100%/exo'], '"/home/100%%/exo"'],
  // One backslash for the argument, doubled for the file.
  [['/a$b'], '"/a\\\\$b"'],
  [['/a"b`c'], '"/a\\\\"b\\\\`c"'],
  [['/a\\b'], '"/a\\\\\\\\b"'],
])('names %j as the specification has it', (program, line) => expect(execOf(program)).toBe(line))
