import type { FileView } from '../generated/types'
import type { Translate } from '../i18n'
import { saveFile } from '../platform'

/** Writes a file the core made to where the person wants it, and gives the sentence to say. Nothing to say when they changed their mind. */
export async function saveHeld(t: Translate, file: FileView): Promise<string | null> {
  const path = await saveFile(file.file_token, file.name)
  if (path !== null) return t('common.saved_to', { path })
  return file.name === '' ? null : t('common.saved', { name: file.name })
}
