import { describe, expect, it } from 'vitest'
import { englishTexts } from '../texts/english-texts.ts'
import { appMenu, type AppMenuEntry } from './app-menu.ts'

const names = (entries: readonly AppMenuEntry[]): string[] =>
  entries.flatMap((entry) => {
    if (entry.kind === 'separator') return []
    if (entry.kind === 'role') return entry.role
    return entry.kind === 'menu'
      ? [entry.label, ...names(entry.entries)]
      : [entry.key === null ? entry.label : `${entry.label} ${entry.key}`]
  })

describe('B29: the menu of the app', () => {
  it('has its own places and keys, and nothing of Electron', () => {
    const all = names(appMenu('darwin', false, englishTexts))
    expect(all).toEqual(
      expect.arrayContaining(['New Chat CmdOrCtrl+N', 'Settings… CmdOrCtrl+,', 'Chat CmdOrCtrl+1', 'close', 'API Reference']),
    )
    expect(all.filter((name) => /DevTools|reload|Learn|Community/i.test(name))).toEqual([])
  })
  it('lets developers look into the pages', () => expect(names(appMenu('darwin', true, englishTexts))).toContain('toggleDevTools'))
  it('keeps Settings and Quit where there is no menu of the app', () => {
    const [file] = appMenu('linux', false, englishTexts)
    expect(names(file ? [file] : [])).toEqual(['File', 'New Chat CmdOrCtrl+N', 'close', 'Settings… CmdOrCtrl+,', 'quit'])
  })
})
