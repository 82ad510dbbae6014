// Starts the language server of the workspace, `reprise plain-english lsp`.
const { workspace } = require('vscode')
const { LanguageClient, TransportKind } = require('vscode-languageclient/node')

let client

exports.activate = async () => {
  const [folder] = workspace.workspaceFolders ?? []
  const [command, ...args] = workspace.getConfiguration('reprise').get('command')
  const options = { cwd: folder?.uri.fsPath, shell: process.platform === 'win32' }
  client = new LanguageClient(
    'reprise',
    'Reprise',
    { command, args: [...args, 'plain-english', 'lsp'], transport: TransportKind.stdio, options },
    // The server names the files whose changes it has to know: included ones, sentences of the project, Playwright's config.
    { documentSelector: [{ language: 'reprise' }] },
  )
  await client.start()
}

exports.deactivate = () => client?.stop()
