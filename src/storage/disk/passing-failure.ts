/** Failures that pass: for want of space, or of a descriptor, which there may be again in a while. */

/** Whether something failed because the disk, or what we may have of it, is full. */
export function isForWantOfSpace(failure: unknown): failure is Error {
  const { code } = failure as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Whether no file could be opened because too many are open. */
export function isForWantOfDescriptors(failure: unknown): failure is Error {
  const { code } = failure as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}

/**
 * Whether there was no space, or no descriptor, for something that was about to be written. Then it is known what is on the
 * disk, and it can be tried again. After a failed sync nobody knows, whatever it failed of.
 */
export function isPassing(failure: unknown): failure is Error {
  if (isForWantOfDescriptors(failure)) return true
  const { syscall } = failure as NodeJS.ErrnoException
  return isForWantOfSpace(failure) && syscall !== 'fsync' && syscall !== 'fdatasync'
}
