/** Removes secrets from what reports show. */
import type { TestInfo } from '@playwright/test'
import type { TargetOptions } from '../../environment/environment.ts'
import { conceal, secretNames } from '../../environment/secrets/secret.ts'

/**
 * Also removes the secrets of the environment: a monitor does so too, but would not recognize one that was shortened.
 * @param secrets The names of those that the file uses.
 */
export function withoutSecrets(
  secrets: readonly string[],
  { project: { use } }: Pick<TestInfo, 'project'>,
): (text: string) => string {
  const target: TargetOptions = Object(use).target ?? {}
  const names = [...secrets, ...secretNames(target), ...(target.secrets ?? [])]
  return text => conceal(text, names, process.env)
}
