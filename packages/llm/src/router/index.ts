export { firstOf, missOf } from './auto.ts'
export type { AutoFacts, AutoGroups, AutoMiss, AutoRule } from './auto.ts'
export { retryDelayMs } from './back-off.ts'
export { choose, lowestOrder } from './choose.ts'
export type { ChoiceRequest, ChoiceRules, Exclusion, Note, RoutedDeployment } from './choose.ts'
export { blames } from './cooldown.ts'
export { createRouterEngine } from './engine.ts'
export type { ArmedCooldown, RouterEngine, RouterEvent, SharedCooldowns } from './engine.ts'
export { explainChoice } from './explain.ts'
export type { ExplainedChoice, LeftOut } from './explain.ts'
export { fallbackCircles, fallbacksFor, selfFallbacks, targetsOf } from './fallback.ts'
export type { FallbackRules, Fallbacks, FallbackTarget } from './fallback.ts'
export { isFailureClass, readClassCounts } from './failure-class.ts'
export type { ClassCounts } from './failure-class.ts'
export { MOCK_FIELDS } from './mock-failure.ts'
export type { MockFailure } from './mock-failure.ts'
export type {
  RouterOptions,
  RoutingGroup,
  WrittenCounts,
  WrittenFallbacks,
  WrittenTarget,
} from './options.ts'
export { DEFAULT_RULES, readRequestFallbacks, readRules, readTargets } from './read-rules.ts'
export { isDeploymentFault, isStateElsewhere, mayFailOver } from './retry.ts'
export type { RouterRules } from './rules.ts'
export { route } from './run.ts'
export type { Attempt, AttemptReason, Entered, Place, RouteIo, RouteRequest } from './run.ts'
export { createDeploymentStates } from './state.ts'
export type { DeploymentState, DeploymentStates, Measured } from './state.ts'
export { simpleShuffle, strategies } from './strategies/index.ts'
export type { PickContext, Strategy, StrategyArgs } from './strategy.ts'
