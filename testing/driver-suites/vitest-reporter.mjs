/** A reporter of Vitest that prints what Mocha's `json-stream` does: a line of JSON for each test that has passed or failed. */
export default class {
  /**
   * @param {{
   *   fullName: string,
   *   module: { relativeModuleId: string },
   *   result(): { state: string, errors?: readonly { message: string, stack?: string }[] },
   * }} test
   */
  onTestCaseResult(test) {
    const { state, errors = [] } = test.result()
    if (state === 'skipped') return
    const err = errors.map(({ message, stack }) => `${message}\n${stack}`).join('\n')
    const fullTitle = `${test.module.relativeModuleId} ${test.fullName}`
    const isPassed = state === 'passed'
    process.stdout.write(
      `\n${JSON.stringify([isPassed ? 'pass' : 'fail', { fullTitle, ...(!isPassed && { err }) }])}\n`,
    )
  }
}
