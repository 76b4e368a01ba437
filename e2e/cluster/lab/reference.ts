import { ask, type Question, type StreamedAnswer } from './ask.ts'
import type { Cluster } from './cluster.ts'
import { onlyModel } from './instances.ts'
import { whenAll } from './cluster.ts'

export interface Reference {
  readonly model: string
  readonly answers: readonly StreamedAnswer[]
}

/** The answers of a single node with the default model. Afterwards, all given hosts have the model. */
export async function clusterReferenceAnswers(
  cluster: Cluster,
  hosts: readonly number[],
  questions: readonly Question[],
): Promise<Reference> {
  const alone = await cluster.start(hosts[0] ?? 1)
  await whenAll([alone], 'the default model ready', ([view]) =>
    Object.values(view?.instances ?? {}).some((instance) => instance.status === 'ready'),
  )
  const model = await onlyModel(alone)
  const answers: StreamedAnswer[] = []
  for (const question of questions) answers.push(await ask(alone.apiUrl, model, question))
  await alone.stop()
  await cluster.copyModels(alone, hosts)
  return { model, answers }
}
