const cloudPrefix =
  /^(aws|azure|vertex|vertex_ai|watsonx|oci|sap|gcs|s3|snowflake|databricks|cloudflare|sagemaker)_/
const cloudNames = new Set([
  'region_name',
  'tenant_id',
  'client_id',
  'client_secret',
  'account_id',
  'space_id',
  'deployment_id',
])

/** Whether a key of `litellm_params` describes the cloud account rather than the request. */
export function isCloudOption(key: string): boolean {
  return cloudPrefix.test(key) || cloudNames.has(key)
}

/** Whether a key is a price in the names of LiteLLM's model map (`input_cost_per_token` …). */
export function isPriceKey(key: string): boolean {
  return /(^|_)cost(_|$)/.test(key) || key === 'tiered_pricing'
}
