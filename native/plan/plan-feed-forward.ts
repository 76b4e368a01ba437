import type { ExpertsDescription, FeedForwardDescription, GatedDescription } from '../family/parts/feed-forward.ts'
import type { ExpertsPlan, FeedForwardPlan, GatedPlan, NormPlan } from './decoder-plan.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a layer's second half.
 *
 * Tensor parallel: a rank has its share of the width of the dense part and of every expert (gate and up split by outputs,
 * down by inputs). Every rank has the whole router, so all choose the same experts. One sum over ranks follows.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planFeedForward(
  { activation, always, experts, alwaysLimit = 0, alwaysGate, alwaysOutputNorm }: FeedForwardDescription,
  planner: WeightPlanner,
  prefix: string,
  hiddenSize: number,
): FeedForwardPlan {
  return {
    activation,
    always: always && planGated(always, planner, prefix, hiddenSize),
    experts: experts && planExperts(experts, planner, prefix, hiddenSize),
    alwaysLimit,
    alwaysOutputNorm: planPlainNorm(alwaysOutputNorm, planner, prefix, hiddenSize),
    alwaysGate:
      alwaysGate === undefined ? null : planner.matrix(planner.module(`${prefix}${alwaysGate}`), { outputs: 1, inputs: hiddenSize }),
  }
}

function planGated(
  { width, hasBias, gateUp, down }: GatedDescription,
  planner: WeightPlanner,
  prefix: string,
  hiddenSize: number,
): GatedPlan {
  const widen = { outputs: width, inputs: hiddenSize, split: 'outputs', hasBias } as const
  const [first, second] = gateUp
  const modules =
    second === undefined
      ? planner.rowsOf(`${prefix}${first}`, [width, width])
      : [planner.module(`${prefix}${first}`), planner.module(`${prefix}${second}`)]
  return {
    gateUp: modules.map((module) => planner.matrix(module, widen)),
    down: [planner.matrix(planner.module(`${prefix}${down}`), { outputs: hiddenSize, inputs: width, split: 'inputs', hasBias })],
  }
}

function planExperts(
  { count, width, hasBias, router, stack, single, limit = 0, inputNorm, outputNorm }: ExpertsDescription,
  planner: WeightPlanner,
  prefix: string,
  hiddenSize: number,
): ExpertsPlan {
  const modulesOf = (stacked: string, alone: string | undefined) =>
    planner.experts(
      `${prefix}${stack}.${stacked}`,
      single && alone !== undefined ? (expert) => `${prefix}${single.module}.${expert}.${alone}` : null,
      count,
    )
  const widen = { outputs: width, inputs: hiddenSize, split: 'outputs', hasBias } as const
  const { module, correction, hasBias: hasRouterBias, norm, expertScale, ...rule } = router
  return {
    limit,
    inputNorm: planPlainNorm(inputNorm, planner, prefix, hiddenSize),
    outputNorm: planPlainNorm(outputNorm, planner, prefix, hiddenSize),
    router: {
      isGroupBest: false,
      logitCap: 0,
      ...rule,
      weight: planner.matrix(planner.firstModule([module].flat().map((name) => `${prefix}${name}`)), {
        outputs: count,
        inputs: hiddenSize,
        hasBias: hasRouterBias,
      }),
      norm: norm === undefined ? null : planner.vector(`${prefix}${norm}`, hiddenSize),
      normFactor: hiddenSize ** -0.5,
      expertScale: expertScale === undefined ? null : planner.vector(`${prefix}${expertScale}`, count),
      correction: correction === null ? null : planner.vector(`${prefix}${correction}`, count),
    },
    gate: modulesOf('gate_proj', single?.gate).map((expert) => planner.matrix(expert, widen)),
    up: modulesOf('up_proj', single?.up).map((expert) => planner.matrix(expert, widen)),
    down: modulesOf('down_proj', single?.down).map((expert) =>
      planner.matrix(expert, { outputs: hiddenSize, inputs: width, split: 'inputs', hasBias }),
    ),
  }
}

/** A norm without a bias, if it has a name. */
function planPlainNorm(name: string | undefined, planner: WeightPlanner, prefix: string, size: number): NormPlan | null {
  return name === undefined ? null : { weight: planner.vector(`${prefix}${name}.weight`, size), bias: null }
}
