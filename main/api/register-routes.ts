import { registerAnthropic } from './anthropic/register-anthropic.ts'
import type { ApiContext, ApiServer } from './api-server.ts'
import { registerChatAnswers } from './chats/register-chat-answers.ts'
import { registerChatPresets } from './chats/register-chat-presets.ts'
import { registerChatTools } from './chats/register-chat-tools.ts'
import { registerChats } from './chats/register-chats.ts'
import { registerCluster } from './cluster/register-cluster.ts'
import { registerLogs } from './cluster/register-logs.ts'
import { registerMembership } from './cluster/register-membership.ts'
import { registerActivity } from './events/register-activity.ts'
import { registerEmbeddings } from './embeddings/register-embeddings.ts'
import { registerHistory } from './history/register-history.ts'
import { registerLlamaCpp } from './llama-cpp/register-llama-cpp.ts'
import { registerLmStudio } from './lm-studio/register-lm-studio.ts'
import { registerMetrics } from './metrics/register-metrics.ts'
import { registerModels } from './models/register-models.ts'
import { registerNode } from './node/register-node.ts'
import { registerOllama } from './ollama/register-ollama.ts'
import { registerOpenai } from './openai/register-openai.ts'
import { registerRerank } from './rerank/register-rerank.ts'
import { registerResponses } from './openai/responses/register-responses.ts'
import { registerUnserved } from './openai/register-unserved.ts'
import { registerTgi } from './tgi/register-tgi.ts'
import { registerTokenize } from './tokenize/register-tokenize.ts'
import { registerTokens } from './tokens/register-tokens.ts'
import { registerTrifurcated } from './trifurcated/register-trifurcated.ts'

const ROUTES = [
  registerOpenai,
  registerResponses,
  registerEmbeddings,
  registerRerank,
  registerUnserved,
  registerTokenize,
  registerLlamaCpp,
  registerTgi,
  registerAnthropic,
  registerOllama,
  registerLmStudio,
  registerTrifurcated,
  registerChats,
  registerChatAnswers,
  registerChatPresets,
  registerChatTools,
  registerCluster,
  registerLogs,
  registerActivity,
  registerModels,
  registerMembership,
  registerNode,
  registerTokens,
  registerHistory,
  registerMetrics,
] as const

/** All routes of the API except the dashboard's files. They use `context` only when they are called. */
export function registerRoutes(server: ApiServer, context: ApiContext): void {
  for (const register of ROUTES) register(server, context)
}
