/** The bin `reprise`: runs the command that its first argument names, and exits with its code. */
import { runCommand } from './commands.ts'
import { stopRequest } from './stop-request.ts'

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  env: process.env,
  print: text => console.log(text),
  complain: text => console.error(text),
  stopRequest,
})
