// What of a show only a browser can do: F fills the screen, the screen does not go to sleep, and the row of keys fades
// after three seconds until the mouse moves or a key of it is reached.
// It listens to keys and asks nothing of any host.
export default function () {
  const fill = (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey)
    const writing = event.target.closest && event.target.closest('input, textarea, select, [contenteditable]')
    if (!plain || writing || event.key.toLowerCase() !== 'f') return
    event.preventDefault()
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen().catch(() => undefined)
  }
  let lock = null
  const wake = () => {
    if (document.visibilityState !== 'visible' || !navigator.wakeLock) return
    navigator.wakeLock.request('screen').then((held) => { lock = held }).catch(() => undefined)
  }
  let waiting = null
  const keys = () => document.querySelector('.st-key-keys')
  const wakeKeys = () => {
    const row = keys()
    if (row) row.style.opacity = '1'
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      const now = keys()
      if (now && !now.contains(document.activeElement)) now.style.opacity = '0'
    }, 3000)
  }
  wakeKeys()
  window.addEventListener('pointermove', wakeKeys)
  window.addEventListener('focusin', wakeKeys)
  window.addEventListener('keydown', fill)
  document.addEventListener('visibilitychange', wake)
  wake()
  return () => {
    window.removeEventListener('keydown', fill)
    window.removeEventListener('pointermove', wakeKeys)
    window.removeEventListener('focusin', wakeKeys)
    clearTimeout(waiting)
    document.removeEventListener('visibilitychange', wake)
    if (lock) lock.release().catch(() => undefined)
  }
}
