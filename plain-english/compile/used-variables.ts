/** Lists the variables that scenarios use. */
import type { Token } from '../parse/document.ts'
import { variablesInJson } from '../parse/json/json.ts'
import { type Variable, variablesIn } from '../parse/template.ts'
import { type CompiledScenario, withInner } from './compiled-scenario.ts'

export function variablesOf(token: Token): Variable[] {
  if (token.kind === 'json') return variablesInJson(token.json)
  if (token.kind !== 'table') return variablesIn(token.template)
  return token.table.rows.flatMap(({ cells }) => cells.flatMap(({ value }) => variablesInJson(value)))
}

/** The variables that a sentence puts into a URL, which logs and reports show: those of its addresses and of its query. */
export function variablesInUrl(
  expression: string,
  given: readonly { parameter: string; tokens: readonly Token[] }[],
): Variable[] {
  const isQuery = expression.includes('With Query {json}')
  const inUrl = given.filter(({ parameter }) => parameter === 'url' || (isQuery && parameter === 'json'))
  return inUrl.flatMap(({ tokens }) => tokens.flatMap(variablesOf))
}

/** The names of the variables of a scenario, including those in its table. */
export function namesIn({ steps, cells }: CompiledScenario): string[] {
  const tokens = steps.flatMap(withInner).flatMap(step => step.arguments.flatMap(argument => argument.tokens))
  return [...tokens.flatMap(variablesOf), ...cells.flatMap(({ value }) => variablesInJson(value))].map(
    ({ name }) => name,
  )
}

/** The names of the secrets of all scenarios, without duplicates. */
export function secretsIn(scenarios: readonly CompiledScenario[]): string[] {
  const names = scenarios.flatMap(namesIn).filter(name => name.startsWith('secret:'))
  return [...new Set(names)].map(name => name.slice('secret:'.length))
}
