import type { ExpertsDescription, FeedForwardDescription, GatedDescription } from '../family/parts/feed-forward.ts'
import type { Activation, ExpertsPlan, FeedForwardPlan, GatedPlan, NormPlan } from './decoder-plan.ts'
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
  { activation, always, experts, bounds = [1], alwaysLimit = 0, alwaysGate, alwaysOutputNorm }: FeedForwardDescription,
  planner: WeightPlanner,
  prefix: string,
  hiddenSize: number,
): FeedForwardPlan {
  return {
    activation,
    always: always && planGated(activation, always, planner, prefix, hiddenSize),
    experts: experts && planExperts(activation, experts, planner, prefix, hiddenSize),
    alwaysLimit,
    gateBound: bounds[0],
    upBound: bounds[1] ?? 0,
    alwaysOutputNorm: planPlainNorm(alwaysOutputNorm, planner, prefix, hiddenSize),
    alwaysGate:
      alwaysGate === undefined ? null : planner.matrix(planner.module(`${prefix}${alwaysGate}`), { outputs: 1, inputs: hiddenSize }),
  }
}

function planGated(
  activation: Activation,
  { width, hasBias, gateUp, down }: GatedDescription,
  planner: WeightPlanner,
  prefix: string,
  hiddenSize: number,
): GatedPlan {
  const widen = { outputs: width, inputs: hiddenSize, split: 'outputs', hasBias } as const
  const [first, second] = gateUp
  const modules =
    activation === 'relu-squared'
      ? [planner.module(`${prefix}${first}`)]
      : second === undefined
        ? planner.rowsOf(`${prefix}${first}`, [width, width])
        : [planner.module(`${prefix}${first}`), planner.module(`${prefix}${second}`)]
  return {
    gateUp: modules.map((module) => planner.matrix(module, widen)),
    down: [planner.matrix(planner.module(`${prefix}${down}`), { outputs: hiddenSize, inputs: width, split: 'inputs', hasBias })],
  }
}

function planExperts(
  activation: Activation,
  { count, width, hasBias, router, stack, single, limit = 0, inputNorm, outputNorm, latent, stackNames }: ExpertsDescription,
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
  const inner = latent?.width ?? hiddenSize
  const widen = { outputs: width, inputs: inner, split: 'outputs', hasBias } as const
  const names = stackNames ?? { up: 'up_proj', down: 'down_proj' }
  const { module, correction, hasBias: hasRouterBias, norm, expertScale, byToken, ...rule } = router
  const precision = rule.precision ?? (/^s(oftmax|parse)/.test(rule.scoring) ? 'model' : 'scores')
  return {
    limit,
    toLatent: latent ? planner.matrix(planner.module(`${prefix}${latent.to}`), { outputs: inner, inputs: hiddenSize }) : null,
    fromLatent: latent ? planner.matrix(planner.module(`${prefix}${latent.from}`), { outputs: hiddenSize, inputs: inner }) : null,
    latentNorm: latent?.norm === undefined ? null : planner.vector(`${prefix}${latent.norm}.weight`, inner),
    inputNorm: planPlainNorm(inputNorm, planner, prefix, hiddenSize),
    outputNorm: planPlainNorm(outputNorm, planner, prefix, hiddenSize),
    router: {
      isGroupBest: false,
      logitCap: 0,
      jitter: 0,
      precision,
      isBestFirst: precision === 'model' && rule.scoring === 'sigmoid',
      areWeightsRounded: false,
      ...rule,
      weight: planner.matrix(planner.firstModule([module].flat().map((name) => `${prefix}${name}`)), {
        outputs: count,
        inputs: hiddenSize,
        hasBias: hasRouterBias,
      }),
      norm: norm === undefined ? null : planner.vector(`${prefix}${norm}`, hiddenSize),
      normFactor: hiddenSize ** -0.5,
      expertScale: expertScale === undefined ? null : planner.vector(`${prefix}${expertScale}`, count),
      byToken: byToken === undefined ? null : planner.numbers(`${prefix}${byToken.name}`, byToken.vocabulary * router.chosen),
      correction: correction === null ? null : planner.vector(`${prefix}${correction}`, count),
    },
    gate: activation === 'relu-squared' ? [] : modulesOf('gate_proj', single?.gate).map((expert) => planner.matrix(expert, widen)),
    up: modulesOf(names.up, single?.up).map((expert) => planner.matrix(expert, widen)),
    down: modulesOf(names.down, single?.down).map((expert) =>
      planner.matrix(expert, { outputs: inner, inputs: width, split: 'inputs', hasBias }),
    ),
  }
}

/** A norm without a bias, if it has a name. */
function planPlainNorm(name: string | undefined, planner: WeightPlanner, prefix: string, size: number): NormPlan | null {
  return name === undefined ? null : { weight: planner.vector(`${prefix}${name}.weight`, size), bias: null }
}
