/** The public interface, `reprise/plain-english`: `defineSentence`, and `plainEnglish` for a project of Playwright's config. */
export type { Element } from './compile/element.ts'
export type { ParameterValues } from './compile/parameters.ts'
export type { SentenceDefinition } from './compile/sentence-definition.ts'
export type { JsonValue } from './parse/json/json.ts'
export { type PlainEnglishOptions, plainEnglish } from './playwright/project.ts'
export type { Exchange } from './run/exchange.ts'
export type { RequestToSend, RunningScenario } from './run/running-scenario.ts'
export { defineSentence, type SentenceFixtures, type SentenceNotes } from './sentences/define-sentence.ts'
