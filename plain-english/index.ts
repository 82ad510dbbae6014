/** What specs in English need from `reprise/plain-english`: sentences of one's own, and the project in Playwright's config. */
export type { Element } from './element.ts'
export type { JsonValue } from './json/json.ts'
export type { ParameterValues } from './parameters.ts'
export { type PlainEnglishOptions, plainEnglish } from './project.ts'
export type { Exchange } from './run/exchange.ts'
export type { RequestToSend, RunningScenario } from './run/running-scenario.ts'
export { defineSentence, type Sentence, type SentenceFixtures, type SentenceNotes } from './sentence.ts'
