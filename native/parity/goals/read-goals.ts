import { readFileSync } from 'node:fs'
import { GoalRun } from './goal.ts'

/** The committed results of the last run. */
export function readGoals(): GoalRun {
  return GoalRun.parse(JSON.parse(readFileSync(new URL('results.json', import.meta.url), 'utf8')))
}
