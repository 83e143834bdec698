import { useEffect, useState } from 'react'

/** What may be a number of this desk: no blanks, a digit, neither too short nor a text. */
function likeNumber(text: string): string | null {
  const plain = text.trim()
  return /^[\w*@|-]{8,64}$/.test(plain) && /\d/.test(plain) ? plain : null
}

/**
 * A number on the clipboard, offered and never acted upon. Read only when the page has the focus and
 * reading was allowed long ago: nobody is asked, and where it is refused, as in the desktop window,
 * nothing is offered.
 */
export function useClipboardNumber(): string | null {
  const [number, setNumber] = useState<string | null>(null)
  useEffect(() => {
    let gone = false
    const look = async () => {
      try {
        const permission = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })
        if (permission.state !== 'granted' || !document.hasFocus()) return
        const text = await navigator.clipboard.readText()
        if (!gone) setNumber(likeNumber(text))
      } catch {
        // This browser does not know the permission, or refuses: no offer.
      }
    }
    void look()
    const onFocus = () => void look()
    window.addEventListener('focus', onFocus)
    return () => {
      gone = true
      window.removeEventListener('focus', onFocus)
    }
  }, [])
  return number
}
