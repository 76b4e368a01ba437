import type { GoalRun } from './goal.ts'

/** The section of docs/speed.md on the engine's goals. */
export function formatGoals({ machine, mlxLmVersion, goals }: GoalRun): string {
  const rows = goals.map(
    ({ what, mlxLm, ours, goal, hasPassed }) => `| ${what} | ${mlxLm ?? ''} | ${ours} | ${goal} | ${hasPassed ? 'reached' : 'missed'} |`,
  )
  return [
    '## What a step costs, beside mlx-lm',
    '',
    'The operations of MLX run on Macs. Their counts are the same on every machine, and host time is compared on one machine, so both can',
    'be measured without a GPU. Host time is the processor time that the engine takes to build and launch a step. The table is from',
    `${machine}, with mlx-lm ${mlxLmVersion}. \`npm run bench -- --only goals\` measures it again.`,
    '',
    '| check | mlx-lm | exo-distributed | goal | |',
    '| --- | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n')
}
