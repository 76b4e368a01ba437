import { expect, it } from 'vitest'
import { groupByDate } from './group-by-date.ts'

it('groups chats by age, pinned ones first, without empty groups', () => {
  const midnight = Date.UTC(2026, 5, 15)
  const day = 24 * 3_600_000
  const chat = (id: string, updatedAtMs: number, isPinned = false) => ({
    id,
    title: id,
    isPinned,
    createdAtMs: 0,
    updatedAtMs,
    revision: 1,
    isAnswering: false,
  })
  const listed = [
    chat('kept', midnight - 90 * day, true),
    chat('now', midnight + 1),
    chat('at midnight', midnight),
    chat('last night', midnight - 1),
    chat('last week', midnight - 6 * day),
    chat('last year', midnight - 300 * day),
  ]
  expect(groupByDate(listed, midnight).map(({ age, chats }) => [age, chats.map(({ id }) => id)])).toEqual([
    ['pinned', ['kept']],
    ['today', ['now', 'at midnight']],
    ['yesterday', ['last night']],
    ['week', ['last week']],
    ['older', ['last year']],
  ])
})
