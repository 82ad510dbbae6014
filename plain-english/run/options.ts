/** Reads the options of a list that a sentence names. */
import type { JsonValue } from '../parse/json/json.ts'

/** Throws an error with an example, if it is no list of texts. */
export function optionsOf(json: JsonValue): string[] {
  if (Array.isArray(json) && json.every(option => typeof option === 'string')) return json
  throw new Error(`Options are a list of texts, such as ["Red", "Blue"], not ${JSON.stringify(json)}.`)
}
