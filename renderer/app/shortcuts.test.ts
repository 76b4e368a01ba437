// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { shortcutLabel, shortcutOf } from './shortcuts.ts'

const onPlatform = (platform: string): void => void vi.spyOn(navigator, 'platform', 'get').mockReturnValue(platform)
afterEach(() => vi.restoreAllMocks())

const press = (key: string, held: readonly ('meta' | 'ctrl' | 'alt' | 'shift')[] = [], isTyping = false) =>
  shortcutOf(
    { key, metaKey: held.includes('meta'), ctrlKey: held.includes('ctrl'), altKey: held.includes('alt'), shiftKey: held.includes('shift') },
    isTyping,
  )

describe('shortcuts', () => {
  it('use ⌘ on a Mac and Ctrl elsewhere', () => {
    onPlatform('MacIntel')
    expect([press('k', ['meta']), press('k', ['ctrl']), shortcutLabel('new-chat')]).toEqual(['palette', null, '⇧⌘O'])
    onPlatform('Linux x86_64')
    expect([press('k', ['ctrl']), press('k', ['meta']), shortcutLabel('palette')]).toEqual(['palette', null, 'Ctrl+K'])
  })
  it('work while one writes, except single keys', () => {
    onPlatform('Linux x86_64')
    expect([press('K', ['ctrl'], true), press('?', ['shift'], true), press('?', ['shift'])]).toEqual(['palette', null, 'shortcuts'])
    expect(press('?')).toBe('shortcuts')
  })
  it('leave the keys of the browser alone', () => {
    onPlatform('Linux x86_64')
    expect([press('o', ['ctrl']), press('k', ['ctrl', 'shift']), press('b', ['ctrl', 'alt']), press('k')]).toEqual([null, null, null, null])
    expect(press('O', ['ctrl', 'shift'])).toBe('new-chat')
  })
})
