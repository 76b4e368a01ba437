// Writes the cards of the models in `model-facts`, each a file with the facts of a config.json and the builds on the hub.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cardsOfFacts, readModelFacts } from '../../main/models/catalogue/__fixtures__/cards-of-facts.ts'

const cardsDir = join(import.meta.dirname, '../..', 'assets', 'model-cards')

for (const facts of readModelFacts()) {
  for (const { name, text } of cardsOfFacts(facts)) writeFileSync(join(cardsDir, name), text)
}
