import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import { ModelCard } from '../../shared/model-card.ts'
import { readJsonFile } from '../store/read-json-file.ts'

/**
 * The catalogue: a folder of JSON files, one model each.
 *
 * @throws AppError `model-card-invalid` naming the file
 */
export async function readModelCards(cardsDir: string): Promise<ModelCard[]> {
  const names = (await readdir(cardsDir)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map((name) => readModelCard(join(cardsDir, name))))
}

/** @throws AppError `model-card-invalid` */
export async function readModelCard(path: string): Promise<ModelCard> {
  const card = ModelCard.safeParse(await readJsonFile(path))
  if (card.success) return card.data
  const issue = card.error.issues[0]
  throw new AppError('model-card-invalid', `The model card ${path} is not valid: ${issue?.path.join('.')}: ${issue?.message}`, { path })
}
