import { Channel, invoke } from '@tauri-apps/api/core'
import { toApiError, type AppEvent, type Door, type HeldFile } from './types'

async function ask<Reply>(command: string, args: Record<string, unknown>): Promise<Reply> {
  try {
    return await invoke<Reply>(command, args)
  } catch (cause) {
    throw toApiError(cause)
  }
}

/** The core in the same process, behind Tauri's IPC. The session lives on the Rust side. */
export const desktopDoor: Door = {
  kind: 'desktop',

  call: <Reply>(name: string, params: unknown) => ask<Reply>('rpc', { name, params: params ?? {} }),

  events(listener) {
    let open = true
    const channel = new Channel<AppEvent>()
    channel.onmessage = (event) => {
      if (open) listener(event)
    }
    ask('subscribe', { channel }).then(
      () => listener({ type: 'link', up: true }),
      () => listener({ type: 'link', up: false }),
    )
    return () => {
      open = false
    }
  },

  pickFile: (kind) => ask<HeldFile | null>('pick_file', { kind }),

  // The window gives scripts no bytes of a dropped file; choosing goes through the system dialog.
  takeFile: null,

  saveFile: (token, suggestedName) =>
    ask<string | null>('save_file', { fileToken: token, suggestedName }),
}
