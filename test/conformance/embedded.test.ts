/** The engine in a folder, as programs use it. */
import { temporaryDatabase } from '../support/temporary-database.js'
import { conformance } from './suite.js'
import { temporaryBackend } from './temporary-backend.js'

conformance({ name: 'embedded', open: temporaryDatabase, openBackend: temporaryBackend, gaps: {} })
