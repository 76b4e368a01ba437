/** Names of cloud models, which programs written for the cloud request. GPT-OSS is not among them. */
const CLOUD_NAME = /^((openai|anthropic|google|models)\/)?(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-)/i

const DEFAULT_NAME = /^default(:latest)?$/

export const isCloudName = (name: string): boolean => CLOUD_NAME.test(name)
export const isDefaultName = (name: string): boolean => DEFAULT_NAME.test(name)
