/** What a Bedrock model string says besides the model: `converse/eu-west-1/anthropic.claude-v2:1`. */
export interface BedrockModel {
  /** The model id, inference profile or ARN, as Bedrock knows it. */
  model: string
  route: 'converse' | 'invoke' | undefined
  /** From the string's own region, else from the ARN's. */
  region: string | undefined
}

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/
const COMMITMENT = /^\d-month-commitment$/

/**
 * Takes a model string apart. LiteLLM's forms: a route, a region, the term of provisioned throughput, and before an
 * ARN, which tells no vendor, the family of its model (`nova/arn:aws:bedrock:…`).
 */
export function parseBedrockModel(text: string): BedrockModel {
  let model = text
  let route: BedrockModel['route']
  let region: string | undefined
  for (;;) {
    const slash = model.indexOf('/')
    if (slash < 0 || model.startsWith('arn:')) break
    const segment = model.slice(0, slash)
    const rest = model.slice(slash + 1)
    if (segment === 'converse' || segment === 'converse_like') route = 'converse'
    else if (segment === 'invoke') route = 'invoke'
    else if (REGION.test(segment)) region = segment
    else if (!COMMITMENT.test(segment) && !rest.startsWith('arn:')) break
    model = rest
  }
  return { model, route, region: region ?? regionOfArn(model) }
}

function regionOfArn(model: string): string | undefined {
  const region = model.startsWith('arn:') ? model.split(':')[3] : undefined
  return region === undefined || region === '' ? undefined : region
}
