import { getLlmProvider, providers, validateEnvironment } from '@switchyard/llm'

// #region find
console.log(getLlmProvider('groq/openai/gpt-oss-120b')) // the rest of a model string may hold slashes
console.log(getLlmProvider('claude-sonnet-5').provider) // bare names that the catalogue knows
console.log(getLlmProvider('my-model', { api_base: 'https://api.groq.com/openai/v1' }).provider) // known hosts
// #endregion

// #region check
console.log(validateEnvironment('azure/my-deployment', {}))
// #endregion

// #region list
console.log(providers.all().length, 'providers')
// #endregion
