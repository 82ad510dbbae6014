/** A reporter of Jest that prints what Mocha's `json-stream` does: a line of JSON for each test that has passed or failed. */
const path = require('node:path')

module.exports = class {
  onTestResult({ path: file }, { testResults, testExecError }) {
    const results = testExecError
      ? [{ fullName: 'the file', status: 'failed', failureMessages: [testExecError.message] }]
      : testResults
    for (const { fullName, status, failureMessages } of results) {
      if (status !== 'passed' && status !== 'failed') continue
      const fullTitle = `${path.basename(file)} ${fullName}`
      const isPassed = status === 'passed'
      const err = failureMessages.join('\n')
      process.stdout.write(
        `\n${JSON.stringify([isPassed ? 'pass' : 'fail', { fullTitle, ...(!isPassed && { err }) }])}\n`,
      )
    }
  }
}
