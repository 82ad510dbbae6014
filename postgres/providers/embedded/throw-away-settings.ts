/** The server settings for data that are thrown away after the run: nothing waits for a disk. */

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
    // So that the last lines of the log show what went wrong.
    log_checkpoints: 'off',
    autovacuum: 'off',
    io_method: 'sync',
    // In the data folder, and so removed with it even after a kill.
    dynamic_shared_memory_type: 'mmap',
    jit: 'off',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A crash should end the run instead of recovering in the middle of a test.
    restart_after_crash: 'off',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
