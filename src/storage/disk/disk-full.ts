/** Failures for want of space. */

/** Whether something failed because the disk, or what we may have of it, is full. */
export function isForWantOfSpace(failure: unknown): failure is Error {
  const { code } = failure as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/**
 * Whether there was no space for something that was about to be written. Then it is known what is on the disk, and it can
 * be tried again. After a failed sync nobody knows, whatever it failed of.
 */
export function isDiskFull(failure: unknown): failure is Error {
  const { syscall } = failure as NodeJS.ErrnoException
  return isForWantOfSpace(failure) && syscall !== 'fsync' && syscall !== 'fdatasync'
}
