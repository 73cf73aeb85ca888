// The two things of a show that only a browser can do: F fills the screen, and the screen does not go to sleep.
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
  window.addEventListener('keydown', fill)
  document.addEventListener('visibilitychange', wake)
  wake()
  return () => {
    window.removeEventListener('keydown', fill)
    document.removeEventListener('visibilitychange', wake)
    if (lock) lock.release().catch(() => undefined)
  }
}
