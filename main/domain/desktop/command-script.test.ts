import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { commandScript, isCommandScript } from './command-script.ts'

it.each([['/opt/exo/exo-app'], ['/home/o\'neill/$HOME/`id`/my "apps"/exo']])('starts %s with the words it was given', (path) => {
  const printWords = ['printf', '%s\\n', path]
  const script = commandScript(printWords)
  const words = execFileSync('sh', ['-c', script, 'exo', 'run', 'a b', ''], { encoding: 'utf8' }).split('\n')
  expect(words[0]).toBe(path)
  expect(words.slice(words.indexOf('--cli'))).toEqual(['--cli', '--', 'run', 'a b', '', ''])
  expect(isCommandScript(script)).toBe(true)
})

it('knows another program', () => expect(isCommandScript('#!/bin/sh\nexec exo\n')).toBe(false))
