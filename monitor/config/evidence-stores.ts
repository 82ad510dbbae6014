/** Stores of evidence: where the archives of runs are kept. */

/** `folder`: in `.reprise/runs` of each instance. `postgres`: in the monitor's database. Or `s3({ ... })`. */
export type EvidencePlace = 'folder' | 'postgres' | S3Evidence

export interface S3Evidence {
  kind: 's3'
  bucket: string
  /** What the keys of objects begin with, such as a folder. */
  prefix?: string
  /** The URL of a store other than S3, such as `http://127.0.0.1:9000`. */
  endpoint?: string
  /** Default `us-east-1`. */
  region?: string
  /** Whether the bucket is in the path of URLs instead of in the host's name, as for MinIO; default false. */
  forcePathStyle?: boolean
  /** Usually a `secret()`. Without it and `secretAccessKey`, credentials are found as by the AWS command line. */
  accessKeyId?: string
  /** Usually a `secret()`. */
  secretAccessKey?: string
}

/** Keeps evidence in a bucket of S3, or of a store with the same interface; needs the package `@aws-sdk/client-s3`. */
export function s3(settings: Omit<S3Evidence, 'kind'>): S3Evidence {
  return { kind: 's3', ...settings }
}
