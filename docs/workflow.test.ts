/** Compares `.github/workflows/ci.yml` with `.ci/run`, whose parts it runs. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { validateWorkflow } from '@action-validator/core'
import { parse } from 'yaml'
import { expect, test } from '../testing/test.ts'

const root = path.join(import.meta.dirname, '..')
const text = readFileSync(path.join(root, '.github/workflows/ci.yml'), 'utf8')
const script = readFileSync(path.join(root, '.ci/run'), 'utf8')
const { jobs } = parse(text)

/** Of `.ci/run` without arguments. */
const parts = /parts=\((\w[^)]*)\)/.exec(script)?.[1]?.split(' ') ?? []

test('the workflow is one of GitHub Actions', () => {
  expect(validateWorkflow(text).errors).toEqual([])
})

test('the workflow runs the parts of .ci/run, each once', () => {
  expect(parts.length).toBeGreaterThan(3)
  expect(jobs.part.strategy.matrix.part).toEqual(parts)
  const commands: string[] = jobs.part.steps.map(({ run = '' }) => run)
  expect(commands.filter(command => command.includes('.ci/run'))).toEqual([
    expect.stringMatching(/\.ci\/run \$\{\{ matrix\.part \}\}$/),
  ])
})

test('.ci/run describes each of its parts, accepts it and runs it', () => {
  const described = [...script.matchAll(/^# {3}(\w+) {2,}\S/gm)].map(([, name]) => name)
  const [accepted = '', run = ''] = [...script.matchAll(/case \$name in\n([\s\S]*?)esac/g)].map(([, text]) => text)
  expect(described).toEqual(parts)
  expect(/^ +([\w |]+)\) ;;$/m.exec(accepted)?.[1]?.split(' | ')).toEqual(parts)
  expect([...run.matchAll(/^ +(\w+)\) part /gm)].map(([, name]) => name)).toEqual(parts)
})

test('the workflow sets only variables that .ci/run reads', () => {
  for (const name of Object.keys(jobs.part.env)) expect(script).toContain(name)
})

test('each file of database tests of the monitor runs on the older server as well', () => {
  const [, leftOut = ''] = / testcontainers database --grep-invert='(.+)'$/m.exec(script) ?? []
  const [, onPlainServer = ''] = / 'plain server' database (.+)$/m.exec(script) ?? []
  const folders = onPlainServer.split(' ')
  const files = readdirSync(path.join(root, 'monitor'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.db.test.ts'))
    .map(name => path.posix.join('monitor', name))
  expect(files.length).toBeGreaterThan(0)
  const isLeftOut = (file: string) => new RegExp(leftOut).test(`database ${file}`)
  expect(files.filter(file => isLeftOut(file) && !folders.some(folder => file.startsWith(folder)))).toEqual([])
})
