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
    {
      documentSelector: [{ language: 'reprise' }],
      // Sentences of the project, and Playwright's config, which names their module.
      synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.{ts,mts}') },
    },
  )
  await client.start()
}

exports.deactivate = () => client?.stop()
