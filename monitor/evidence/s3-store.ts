/** Keeps evidence in a bucket of S3, or of a store with the same interface. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import type pg from 'pg'
import { reveal } from '../../environment/secrets/secret.ts'
import { addCommand } from '../../processes/package-manager.ts'
import type { S3Evidence } from '../config/evidence-stores.ts'
import { addRow, isKnown, noteRemoved, readRow } from './evidence-rows.ts'
import type { EvidenceStore } from './evidence-store.ts'

export interface S3StoreOptions {
  /** With the rows of what is stored. */
  pool: pg.Pool
  settings: S3Evidence
  /** Values of secrets. */
  env: NodeJS.ProcessEnv
  /** Where the client's package is added if it is missing. */
  folder: string
}

/** The client's package is loaded at the first use. */
export function openS3Store({ pool, settings, env, folder }: S3StoreOptions): EvidenceStore {
  const { bucket: Bucket, prefix = '', endpoint } = settings
  const bucket = endpoint === undefined ? Bucket : `${endpoint.replace(/\/$/, '')}/${Bucket}`
  let opened: Promise<{ client: S3Client; sdk: Sdk }> | undefined
  const client = () => {
    opened ??= openClient(settings, env, folder)
    // After a failure, such as a missing secret, the next use tries again.
    opened.catch(() => {
      opened = undefined
    })
    return opened
  }
  return {
    kind: 's3',
    bucket,
    async add(evidence) {
      if (await isKnown(pool, evidence.run)) return
      const Key = `${prefix}${evidence.run}.zip`
      const { client: s3, sdk } = await client()
      const { size } = await stat(evidence.archive)
      const Body = createReadStream(evidence.archive)
      try {
        await s3.send(
          new sdk.PutObjectCommand({ Bucket, Key, Body, ContentLength: size, ContentType: 'application/zip' }),
        )
      } finally {
        Body.destroy()
      }
      // Without its row, the next attempt writes the same object again.
      const added = await addRow(pool, { ...evidence, bytes: size }, { store: 's3', place: Key, bucket })
      if (added) return
      // Another instance was faster; it may have removed it since, or kept it in another bucket.
      const row = await readRow(pool, evidence.run)
      const isKept = row && !row.removedAt && row.bucket === bucket && row.place === Key
      if (!isKept) await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key }))
    },
    async read({ place }) {
      const { client: s3, sdk } = await client()
      const { Body } = await s3.send(new sdk.GetObjectCommand({ Bucket, Key: place }))
      if (Body instanceof Readable) return Body
      throw new Error(`The object ${place} of the bucket ${Bucket} has no content.`)
    },
    async remove({ run, place }, stopped) {
      const { client: s3, sdk } = await client()
      const erase = () =>
        s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: place }), stopped && { abortSignal: stopped })
      await erase()
      await noteRemoved(pool, run)
      // What another instance has put between the two; those who put later find the row.
      await erase()
    },
    close: () => void opened?.then(({ client }) => client.destroy()).catch(() => undefined),
  }
}

type Sdk = typeof import('@aws-sdk/client-s3')

async function openClient(settings: S3Evidence, env: NodeJS.ProcessEnv, folder: string) {
  const sdk = await loadSdk(folder)
  const { endpoint, region = 'us-east-1', forcePathStyle = false, accessKeyId, secretAccessKey } = settings
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId: reveal(accessKeyId, env), secretAccessKey: reveal(secretAccessKey, env) }
  const client = new sdk.S3Client({
    ...(endpoint !== undefined && { endpoint }),
    region,
    forcePathStyle,
    // Without them, the client looks for credentials where the AWS command line does.
    ...(credentials && { credentials }),
    maxAttempts: 2,
    // What goes wrong is an error, which is reported once.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    // Other stores than S3 itself do not know these headers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return { client, sdk }
}

const ignore = () => undefined

async function loadSdk(folder: string): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (error) {
    if (Object(error).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error(
      `Evidence cannot be kept in S3 without @aws-sdk/client-s3, which is not installed: ${addCommand(folder, ['@aws-sdk/client-s3'])} in ${folder}.`,
      { cause: error },
    )
  }
}
