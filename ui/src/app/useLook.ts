/** Theme, language, row height and navigation follow the person; local storage paints the first frame. */
import { useEffect, useRef } from 'react'
import { usePreference } from '../api/preferences'
import { usePerson } from '../api/status'
import { language, setLanguage, useLanguage, type Language } from '../i18n'
import { readKeymap, setKeymap } from '../keyboard/keymap'
import { preferences, setPreferences, usePreferences, type Preferences } from '../preferences'

type Look = Pick<Preferences, 'mode' | 'navSmall' | 'density' | 'maskAmounts'> & { language: Language }

function present(): Look {
  const { mode, navSmall, density, maskAmounts } = preferences()
  return { mode, navSmall, density, maskAmounts, language: language() }
}

/** Takes over what the person chose elsewhere, once, then keeps what they change here. Mounted by the frame. */
export function useLook(): void {
  const person = usePerson().user_id
  const [kept, keep, ready] = usePreference<Partial<Look> | null>('look', null)
  const [keys] = usePreference<unknown>('keymap', null)
  const taken = useRef<{ person: string; look: string } | null>(null)
  const now = usePreferences()
  const lang = useLanguage()

  useEffect(() => setKeymap(readKeymap(keys)), [keys])
  useEffect(() => () => setKeymap({}), [])

  useEffect(() => {
    if (!ready) return
    if (taken.current?.person !== person) {
      const { language: spoken, ...rest } = kept ?? {}
      if (spoken === 'zh' || spoken === 'en') setLanguage(spoken)
      setPreferences(rest)
      taken.current = { person, look: JSON.stringify(present()) }
      return
    }
    const look = JSON.stringify(present())
    if (look === taken.current.look) return
    taken.current.look = look
    keep(present())
  }, [ready, person, kept, keep, now, lang])
}
