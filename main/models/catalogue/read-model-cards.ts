import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { readJsonFile } from '../files/read-json-file.ts'

/**
 * Reads the catalogue: a folder with one JSON file per model.
 *
 * @throws AppError `model-card-invalid` naming the file
 */
export async function readModelCards(cardsDir: string): Promise<ModelCard[]> {
  const names = (await readdir(cardsDir)).filter((name) => name.endsWith('.json')).sort()
  const cards: ModelCard[] = []
  // One at a time: there are more files than some systems let a process open at once.
  for (const name of names) cards.push(await readModelCard(join(cardsDir, name)))
  return cards
}

/** @throws AppError `model-card-invalid` */
export async function readModelCard(path: string): Promise<ModelCard> {
  const card = ModelCard.safeParse(await readJsonFile(path))
  if (card.success) return card.data
  const issue = card.error.issues[0]
  throw new AppError('model-card-invalid', `The model card ${path} is not valid: ${issue?.path.join('.')}: ${issue?.message}`, { path })
}
