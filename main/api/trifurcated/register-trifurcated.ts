import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { TrifurcatedAnswer, TrifurcatedRequest } from '../../shared/wire/api/trifurcated.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { lenientChat } from '../lenient/lenient-chat.ts'
import { eventStream, formatEvent } from '../sending/event-stream.ts'
import { DONE, formatDataError } from '../openai/data-events.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { runTrifurcated } from './run-trifurcated.ts'
import { collectTrifurcated, withAnswer } from './trifurcated-answer.ts'
import { toConversation, toTrifurcatedInferences } from './trifurcated-request.ts'

/** The route that runs validator, main and speculative model on one request. */
export function registerTrifurcated(server: ApiServer, context: ApiContext): void {
  server.post(
    '/v1/trifurcated',
    {
      config: { lenient: lenientChat },
      schema: {
        summary: 'Answer a chat with a main model, a draft of a second and a verdict of a third, on separate devices if there are enough',
        tags: ['trifurcated'],
        body: TrifurcatedRequest,
        response: { 200: TrifurcatedAnswer, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `trifurcated-${context.newId()}`
      const conversation = toConversation(body, id)
      const seed = conversation.seed ?? context.trifurcation.drawSeed()
      const models = { main: body.model, validator: body.validator_model ?? null, speculative: body.speculative_model ?? null }
      return context.run([id, request.id], reply, async (running, signal) => {
        const groups = await context.trifurcation.assignGroups(models, signal)
        const inferences = toTrifurcatedInferences(conversation, groups, seed)
        const identity = { id, createdS: Math.floor(context.clock.epochMs() / 1000), version: context.version }
        const events = withAnswer(runTrifurcated(running, inferences, context.newId, signal), { ...identity, seed, groups })
        if (body.stream !== true) return sendWhole(reply, collectTrifurcated(events), context)
        await sendStream(reply, toEventTexts(events), eventStream(context, body.model, signal, formatDataError))
        return reply
      })
    },
  )
}

async function* toEventTexts(events: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const event of events) yield formatEvent(event)
  yield DONE
}
