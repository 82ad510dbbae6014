/** Finds a field in the data of the last response. */
import { follow, parsePath, whereItEnds } from '../parse/field-path.ts'
import type { RunningScenario } from './running-scenario.ts'

/** Throws an error that says how far the path exists. */
export function fieldOf(scenario: RunningScenario, text: string): unknown {
  const path = parsePath(text)
  const value = follow(path, scenario.json)
  if (value === undefined) throw new Error(`There is no field ${text}. ${whereItEnds(path, scenario.json)}`)
  return value
}
