// Compares the scenarios of valid files and the faults of invalid ones with golden files. UPDATE_CORPUS=1 rewrites those.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '../../testing/test.ts'
import type { CompiledScenario, Step } from '../compile/compiled-scenario.ts'
import { parameterNamed } from '../compile/parameters.ts'
import { readSpec } from '../compile/read-spec.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { faultText } from '../parse/fault.ts'
import { printJson } from '../parse/print.ts'
import { builtInSentences } from '../sentences/built-in.ts'

const vocabulary = new Vocabulary(builtInSentences)

for (const kind of ['good', 'bad'] as const) {
  const folder = path.join(import.meta.dirname, kind)
  for (const name of readdirSync(folder).filter(name => name.endsWith('.txt'))) {
    test(`${kind}: ${name}`, () => {
      const { scenarios, faults } = readSpec(path.join(folder, name), name, vocabulary)
      const result = kind === 'good' ? scenarios.map(scenarioText).join('\n') : faults.map(faultText).join('\n\n')
      const golden = path.join(folder, name.replace(/\.txt$/, '.golden'))
      if (process.env.UPDATE_CORPUS) writeFileSync(golden, `${result}\n`)
      expect(`${result}\n`).toBe(readFileSync(golden, 'utf8'))
      expect(faults.map(faultText)).toEqual(kind === 'good' ? [] : expect.arrayContaining([expect.any(String)]))
    })
  }
}

/** A compiled scenario: each step with the values of its parameters. */
function scenarioText({ title, tags, comments, place, cells, steps }: CompiledScenario): string {
  const values = cells.map(({ name, value }) => `  ${name} = ${printJson(value)}`)
  return [
    [`${place.line}:${place.column} ${title}`, ...tags].join(' '),
    ...comments.map(text => `  # ${text}`),
    ...values,
    ...steps.map(stepText),
    '',
  ].join('\n')
}

function stepText({ place, file, comments, definition, arguments: given }: Step): string {
  const values = given.map(({ parameter, tokens, inner, steps }) => {
    if (inner) return stepText(inner).trim()
    if (steps) return steps.map(stepText).join(' ').trim()
    const value = parameterNamed(parameter)?.read(tokens, {
      valueOf: name => (parameter === 'int' || parameter === 'float' ? 1 : `<${name}>`),
    })
    return value instanceof RegExp ? String(value) : JSON.stringify(value)
  })
  const above = comments.map(comment => `  ${atOf(comment)} # ${comment.text}\n`).join('')
  return above + [`  ${atOf({ place, file })} ${definition.expression}`, ...values].join(' | ')
}

function atOf({ place, file }: Pick<Step, 'place' | 'file'>): string {
  return `${file === undefined ? '' : `${path.basename(file)}:`}${place.line}:${place.column}`
}
