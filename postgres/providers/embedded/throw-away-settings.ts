/** The settings of a server whose data nobody needs after the run: nothing waits for a disk. */

/** As arguments for the `postgres` program. */
export function throwAwaySettings({ port, socketFolder }: { port: number; socketFolder: string }): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: process.platform === 'win32' ? '' : socketFolder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '1GB',
    // So that the last lines of the log are about what went wrong.
    log_checkpoints: 'off',
    autovacuum: 'off',
    io_method: 'sync',
    // In the data folder, and so removed with it even if the server is killed.
    dynamic_shared_memory_type: 'mmap',
    jit: 'off',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // One clear end instead of a recovery under the feet of a running test.
    restart_after_crash: 'off',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
