/** Names of cloud models, which programs written for the cloud request. GPT-OSS is not among them. */
const CLOUD_NAME = new RegExp(
  '^((openai|anthropic|google|models)/)?' +
    '(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-|text-(davinci|curie|babbage|ada)-|(davinci|babbage)-00|' +
    // Claude Code's own words for the models of Anthropic.
    '(haiku|sonnet|opus|opusplan)$)',
  'i',
)

const DEFAULT_NAME = /^default(:latest)?$/i

export const isCloudName = (name: string): boolean => CLOUD_NAME.test(name)
export const isDefaultName = (name: string): boolean => DEFAULT_NAME.test(name)
